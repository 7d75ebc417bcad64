import { type Conversation, SECRET_SANTA } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import { lastMessageOf, unreadCountOf } from './messages.ts';
import type { Party } from './party.ts';

/**
 * The user's conversations, the one with the latest message first, those without a message last. Ties are ordered by
 * the random id, which tells nothing of the draw.
 */
export const listConversations = async (db: Database, userId: string): Promise<Conversation[]> => {
  const rows = await db
    .selectFrom('conversations')
    .innerJoin('groups', 'groups.id', 'conversations.groupId')
    .innerJoin('users', 'users.id', 'conversations.recipientId')
    .select([
      'conversations.id',
      'conversations.groupId',
      'conversations.giverId',
      'conversations.recipientId',
      'conversations.giverReadTo',
      'conversations.recipientReadTo',
      'groups.name as groupName',
      'users.name as recipientName',
    ])
    .where((where) => where.or([where('giverId', '=', userId), where('recipientId', '=', userId)]))
    .execute();
  const conversations = rows.map(async (row): Promise<Conversation> => {
    const isGiver = row.giverId === userId;
    return {
      id: row.id,
      groupId: row.groupId,
      groupName: row.groupName,
      role: isGiver ? 'giver' : 'recipient',
      title: isGiver ? row.recipientName : SECRET_SANTA,
      partnerId: isGiver ? row.recipientId : null,
      unreadCount: await unreadCountOf(db, row.id, userId, isGiver ? row.giverReadTo : row.recipientReadTo),
      lastMessage: await lastMessageOf(db, row.id, userId),
    };
  });
  return (await Promise.all(conversations)).sort(
    (a, b) => (b.lastMessage?.sentAt ?? 0) - (a.lastMessage?.sentAt ?? 0) || (a.id < b.id ? -1 : 1),
  );
};

/** The party has read everything up to now. */
export const markRead = async (db: Database, { conversationId, role }: Party): Promise<void> => {
  const newest = db
    .selectFrom('messages')
    .select((query) => query.fn.coalesce(query.fn.max('position'), query.lit(0)).as('position'))
    .where('conversationId', '=', conversationId);
  await db
    .updateTable('conversations')
    .set(role === 'giver' ? { giverReadTo: newest } : { recipientReadTo: newest })
    .where('id', '=', conversationId)
    .execute();
};
