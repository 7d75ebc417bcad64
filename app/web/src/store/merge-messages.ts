import type { ChatMessage } from '../../../contract/http-api.ts';

/**
 * How many messages of a conversation are kept, where nobody has asked for more; older ones are let go. A longer list slows
 * every message down.
 */
export const KEPT_MESSAGES_COUNT = 500;

/**
 * The union of two lists of one conversation by id, oldest first. Of two with one id the second list's is taken.
 *
 * @param keptCount How many of them are kept, the newest. @default as many as there were, or {@link KEPT_MESSAGES_COUNT}
 */
export const mergeMessages = (
  known: readonly ChatMessage[],
  added: readonly ChatMessage[],
  keptCount = Math.max(KEPT_MESSAGES_COUNT, known.length),
): ChatMessage[] => {
  const merged = new Map(known.map((message) => [message.id, message]));
  for (const message of added) merged.set(message.id, message);
  // The sort is stable: messages of the same millisecond stay in the order they came.
  return [...merged.values()].sort((a, b) => a.sentAt - b.sentAt).slice(-keptCount);
};
