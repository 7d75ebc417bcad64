import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type ChatMessage, MESSAGES_PAGE_COUNT } from '../../contract/http-api.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Party } from './party.ts';

export type StoredMessage = Selectable<Schema['messages']>;

/** A message as one user may see it: not who sent it, only whether they did; the key only for its sender. */
export const messageFor = (message: StoredMessage, userId: string): ChatMessage => {
  const mine = message.senderId === userId;
  return {
    id: message.id,
    conversationId: message.conversationId,
    mine,
    text: message.text,
    imageId: message.imageId,
    sentAt: message.sentAt,
    key: mine ? message.key : null,
  };
};

export interface NewMessage {
  readonly key: string;
  readonly text: string | null;
  readonly image: { readonly mime: string; readonly bytes: Uint8Array } | null;
}

/**
 * Stores a message, and its image with it, in one transaction. The same key by the same sender stores nothing and
 * returns the message of the first time, not new; in another conversation it is refused with `conflict`.
 */
export const storeMessage = async (
  db: Database,
  sender: Party,
  { key, text, image }: NewMessage,
): Promise<{ readonly message: StoredMessage; readonly isNew: boolean }> =>
  // Messages of a conversation are numbered in the order in which they can be seen.
  inTransaction(db, [`conversation ${sender.conversationId}`], async (transaction) => {
    const { conversationId, userId } = sender;
    const known = await transaction
      .selectFrom('messages')
      .selectAll()
      .where('senderId', '=', userId)
      .where('key', '=', key)
      .executeTakeFirst();
    if (known !== undefined) {
      if (known.conversationId === conversationId) return { message: known, isNew: false };
      throw new Refusal('conflict', 'This message was sent in another conversation already.');
    }
    const imageId = image === null ? null : randomUUID();
    if (image !== null && imageId !== null) {
      await transaction
        .insertInto('images')
        .values({ id: imageId, conversationId, ...image })
        .execute();
    }
    const message = await transaction
      .insertInto('messages')
      .values({
        id: randomUUID(),
        conversationId,
        senderId: userId,
        key,
        text,
        imageId,
        sentAt: Date.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { message, isNew: true };
  });

/**
 * A page of a conversation, oldest first: the last hundred messages before one of its messages, or the last of all. Refuses
 * with `not-found` where that message is none of this conversation.
 */
export const listMessages = async (
  db: Database,
  { conversationId, userId }: Party,
  before?: string,
): Promise<ChatMessage[]> => {
  let query = db
    .selectFrom('messages')
    .selectAll()
    .where('conversationId', '=', conversationId)
    .orderBy('position', 'desc')
    .limit(MESSAGES_PAGE_COUNT);
  if (before !== undefined) {
    const known = await db
      .selectFrom('messages')
      .select('position')
      .where('id', '=', before)
      .where('conversationId', '=', conversationId)
      .executeTakeFirst();
    if (known === undefined) throw notFound('message');
    query = query.where('position', '<', known.position);
  }
  const rows = await query.execute();
  return rows.reverse().map((row) => messageFor(row, userId));
};
