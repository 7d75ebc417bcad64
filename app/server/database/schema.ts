import type { Generated } from 'kysely';

/** The tables. Ids are random uuids, so that they tell neither order nor owner. Times are epoch ms. */
export interface Schema {
  users: { id: string; name: string; email: string; passwordHash: string; createdAt: number };
  /** The token itself is never stored, only its SHA-256. */
  sessions: { tokenHash: string; userId: string; expiresAt: number };
  groups: { id: string; name: string; ownerId: string; createdAt: number; drawnAt: number | null };
  members: { groupId: string; userId: string; joinedAt: number };
  invitations: {
    id: string;
    groupId: string;
    /** Lower case. The address need not have an account yet. */
    email: string;
    invitedBy: string;
    state: 'open' | 'accepted' | 'declined' | 'closed';
    createdAt: number;
  };
  /** One row for each giver and recipient of a drawn group: the result of the raffle and the room to chat in. */
  conversations: {
    id: string;
    groupId: string;
    giverId: string;
    recipientId: string;
    /** The position of the last message that each has read. */
    giverReadTo: Generated<number>;
    recipientReadTo: Generated<number>;
  };
  messages: {
    /** The order of messages. It stays inside: a number that counts everyone's messages would tell of others. */
    position: Generated<number>;
    id: string;
    conversationId: string;
    senderId: string;
    /** The sender's idempotency key, unique per sender. */
    key: string;
    text: string | null;
    imageId: string | null;
    sentAt: number;
  };
  images: { id: string; conversationId: string; mime: string; bytes: ArrayBuffer | Uint8Array };
  /** What is to be told to whom, where the engine cannot store it together with the rows that it is about. JSON. */
  announcements: {
    position: Generated<number>;
    id: string;
    userIds: string;
    message: string;
    createdAt: number;
  };
  /** Tickets that wait to be dialled with, where several servers share a database. */
  tickets: { ticketHash: string; session: string; endsAt: number };
  /** Limits in time, where several servers share a database. */
  tallies: { name: string; count: number; endsAt: number };
}
