import type { OutboxEntry } from 'statesocket';
import * as v from 'valibot';
import type { ChatMessage } from '../../../contract/http-api.ts';
import { ClientCommand } from '../../../contract/socket-messages.ts';

/** A message as the chat shows it: of the history, or of this person's outbox. */
export interface ShownMessage extends ChatMessage {
  /** Its entry in the outbox; absent: the history has it. */
  readonly entry?: OutboxEntry;
}

const read = (entry: OutboxEntry): ShownMessage | null => {
  const { success, output } = v.safeParse(ClientCommand, entry.message);
  if (!success || output.type !== 'SEND_MESSAGE') return null;
  const { conversationId, text } = output;
  const { key, queuedAt } = entry;
  return { id: key, conversationId, mine: true, text, imageId: null, sentAt: queuedAt, key, entry };
};

const known = new WeakMap<OutboxEntry, ShownMessage | null>();

/** What an entry of the outbox says in a chat, the same object each time; null: nothing. */
export const outgoingMessage = (entry: OutboxEntry): ShownMessage | null => {
  let message = known.get(entry);
  if (message === undefined) {
    message = read(entry);
    known.set(entry, message);
  }
  return message;
};

/**
 * The history of a conversation, and after it what its person has said and the history does not have: what waits, what has
 * failed, and what is delivered and not echoed yet.
 */
export const withOutgoing = (
  history: readonly ChatMessage[],
  entries: readonly OutboxEntry[],
  conversationId: string,
): readonly ShownMessage[] => {
  const outgoing = entries.flatMap((entry) => outgoingMessage(entry) ?? []);
  const mine = outgoing.filter((message) => message.conversationId === conversationId);
  if (mine.length === 0) return history;
  const echoed = new Set(history.map(({ key }) => key));
  return [...history, ...mine.filter(({ key }) => !echoed.has(key))];
};

/** How many of them the server has not confirmed. They would be lost with the outbox. */
export const unsentCount = (entries: readonly OutboxEntry[]): number =>
  entries.filter(({ state }) => state !== 'delivered').length;

/** "1 unsent message was", "2 unsent messages were". */
export const describeUnsent = (count: number): string =>
  count === 1 ? '1 unsent message was' : `${count} unsent messages were`;
