import { sql } from 'kysely';
import type { Conversation } from '../../contract/http-api.ts';
import { SECRET_SANTA } from '../../contract/names.ts';
import type { Database } from '../database/open-database.ts';
import { messageFor } from './messages.ts';
import type { Party } from './party.ts';

/** So many unread messages are counted; more are as many. */
const MAX_UNREAD_COUNT = 1_000;

/** The place of the last message of the conversation in the row. One look into an index, however many messages. */
const lastPosition = sql<number | null>`(
  select max("position") from messages where messages."conversationId" = conversations.id)`;

/** How many messages of the other party came after the place that the user has read. */
const unreadCountFor = (userId: string) => sql<number>`(
  select count(*) from (
    select 1 from messages
    where messages."conversationId" = conversations.id and messages."senderId" <> ${userId}
      and messages."position" >
        case when conversations."giverId" = ${userId}
          then conversations."giverReadTo" else conversations."recipientReadTo" end
    limit ${MAX_UNREAD_COUNT}) as unread)`;

const lastMessagesOf = async (db: Database, positions: readonly (number | null)[]) => {
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where(
      'position',
      'in',
      positions.filter((position) => position !== null),
    )
    .execute();
  return new Map(rows.map((row) => [row.conversationId, row]));
};

/**
 * The user's conversations, the one with the latest message first, those without a message last. Ties are ordered by
 * the random id, which tells nothing of the draw. Two questions to the database, however many conversations.
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
      'groups.name as groupName',
      'users.name as recipientName',
    ])
    .select([lastPosition.as('lastPosition'), unreadCountFor(userId).as('unreadCount')])
    .where((where) => where.or([where('giverId', '=', userId), where('recipientId', '=', userId)]))
    .execute();
  const lastMessages = await lastMessagesOf(
    db,
    rows.map((row) => row.lastPosition),
  );
  const conversations = rows.map((row): Conversation => {
    const isGiver = row.giverId === userId;
    const last = lastMessages.get(row.id);
    return {
      id: row.id,
      groupId: row.groupId,
      groupName: row.groupName,
      role: isGiver ? 'giver' : 'recipient',
      title: isGiver ? row.recipientName : SECRET_SANTA,
      partnerId: isGiver ? row.recipientId : null,
      unreadCount: row.unreadCount,
      lastMessage: last === undefined ? null : messageFor(last, userId),
    };
  });
  return conversations.sort(
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
