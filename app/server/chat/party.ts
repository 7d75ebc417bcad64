import { SECRET_SANTA } from '../../contract/names.ts';
import type { Database } from '../database/open-database.ts';
import { notFound } from '../refusal.ts';

/** A conversation as one of its two parties meets it. */
export interface Party {
  readonly conversationId: string;
  readonly userId: string;
  readonly otherId: string;
  readonly role: 'giver' | 'recipient';
}

/** Refuses with `not-found` when the user is not one of the two. Every read and write of a conversation asks this first. */
export const requireParty = async (db: Database, userId: string, conversationId: string): Promise<Party> => {
  const found = await db
    .selectFrom('conversations')
    .select(['giverId', 'recipientId'])
    .where('id', '=', conversationId)
    .executeTakeFirst();
  if (found?.giverId === userId) return { conversationId, userId, otherId: found.recipientId, role: 'giver' };
  if (found?.recipientId === userId)
    return { conversationId, userId, otherId: found.giverId, role: 'recipient' };
  throw notFound('conversation');
};

/** The same conversation seen from the other side. */
export const otherSide = ({ conversationId, userId, otherId, role }: Party): Party => ({
  conversationId,
  userId: otherId,
  otherId: userId,
  role: role === 'giver' ? 'recipient' : 'giver',
});

/** The name under which this party sees a sender: the giver stays nameless for the recipient. */
export const senderNameFor = async (db: Database, viewer: Party, senderId: string): Promise<string> => {
  if (viewer.role === 'recipient' && senderId !== viewer.userId) return SECRET_SANTA;
  const { name } = await db
    .selectFrom('users')
    .select('name')
    .where('id', '=', senderId)
    .executeTakeFirstOrThrow();
  return name;
};
