import type { CommandContext } from 'statesocket/gateway';
import type { Invitation } from '../../contract/http-api.ts';
import type { ServerMessage } from '../../contract/socket-messages.ts';
import { findUserByEmail } from '../accounts/users.ts';
import { messageFor, type StoredMessage } from '../chat/messages.ts';
import { otherSide, type Party, senderNameFor } from '../chat/party.ts';
import { hiddenBy, watchedBy } from '../chat/presence.ts';
import type { Database } from '../database/open-database.ts';
import { memberIds } from '../groups/groups.ts';

type WithoutId<Message> = Message extends { id: string } ? Omit<Message, 'id'> : Message;
/** A durable message, before the log has given it its `id`. */
export type Durable = WithoutId<Extract<ServerMessage, { id: string }>>;
type Volatile = Exclude<ServerMessage, { id: string }>;

/** What announcements need of the gateway. A durable message is stored, and given its `id`, before it is sent. */
export interface Publisher {
  publish(userIds: readonly string[], message: Durable): Promise<unknown>;
  publishVolatile(userIds: readonly string[], message: Volatile): unknown;
  isOnline(userId: string): boolean | Promise<boolean>;
}

/** Tells everyone in a group that it changed. */
export const announceGroup = async (db: Database, publisher: Publisher, groupId: string): Promise<void> => {
  await publisher.publish(await memberIds(db, groupId), { type: 'GROUP_UPDATED', groupId });
};

/** Tells the owner that the invitations of their group changed, which nobody else sees. */
export const announceInvited = async (db: Database, publisher: Publisher, groupId: string): Promise<void> => {
  const { ownerId } = await db
    .selectFrom('groups')
    .select('ownerId')
    .where('id', '=', groupId)
    .executeTakeFirstOrThrow();
  await publisher.publish([ownerId], { type: 'GROUP_UPDATED', groupId });
};

/** Tells the invited person, where the address has an account. */
export const announceInvitation = async (
  db: Database,
  publisher: Publisher,
  email: string,
  invitation: Invitation,
): Promise<void> => {
  const invited = await findUserByEmail(db, email);
  if (invited !== undefined)
    await publisher.publish([invited.id], { type: 'INVITATION_RECEIVED', invitation });
};

/** Tells everyone in a group of its draw, and each giver whom they see online from now on, and whom no longer. */
export const announceRaffle = async (
  db: Database,
  publisher: Publisher,
  group: { id: string; name: string },
): Promise<void> => {
  const members = await memberIds(db, group.id);
  await announceGroup(db, publisher, group.id);
  await publisher.publish(members, { type: 'RAFFLE_COMPLETE', groupId: group.id, groupName: group.name });
  for (const { giverId, recipientId } of await hiddenBy(db, group.id))
    publisher.publishVolatile([giverId], { type: 'USER_OFFLINE', userId: recipientId });
  for (const giverId of members) {
    for (const userId of await watchedBy(db, giverId)) {
      if (await publisher.isOnline(userId))
        publisher.publishVolatile([giverId], { type: 'USER_ONLINE', userId });
    }
  }
};

/** The NEW_MESSAGE that this party gets of a stored message. */
const newMessageFor = async (db: Database, viewer: Party, message: StoredMessage) =>
  ({
    type: 'NEW_MESSAGE',
    payload: messageFor(message, viewer.userId),
    sender: await senderNameFor(db, viewer, message.senderId),
  }) as const;

/**
 * Sends a message to the other party, and to its sender as the echo that carries their key. A durable command is carried
 * out once by its own name; any other, which the sender repeats when the echo is missed, reaches the other party once
 * by the message's, and each repeat gets an echo.
 *
 * @param isTold Whether the other party, and the sender of a durable command, have been told before.
 */
export const announceMessage = async (
  db: Database,
  { key, publish }: Pick<CommandContext, 'key' | 'publish'>,
  sender: Party,
  message: StoredMessage,
  isTold: boolean,
): Promise<void> => {
  const other = otherSide(sender);
  const once = key === null ? { outbox: `message ${message.id}`, row: 1 } : undefined;
  const toOther = async () => publish([other.userId], await newMessageFor(db, other, message), once);
  const toSender = async () => publish([sender.userId], await newMessageFor(db, sender, message));
  if (!isTold) await toOther();
  if (!isTold || key === null) await toSender();
};
