import { isMs, platformClock } from '../lib/clock.ts';
import type { Connection } from './connection.ts';

/** A clock that throws, or names no number, must not break a key stroke: the platform's stands in. */
const timeOf = (now: () => number): number => {
  try {
    const time: unknown = now();
    if (isMs(time)) return time;
  } catch {
    // As if it had named no number.
  }
  return platformClock.now();
};

/**
 * Tells the server that the user is typing, at most once per interval and conversation, however often it is called.
 * Call it on each key stroke.
 *
 * Leading edge only: the first call sends at once. A hint that comes too early, or while the connection is not open,
 * is skipped and not reported: it would be stale by the time it could be sent. Where `now` runs back, the interval is over.
 *
 * @param options the interval, and the clock that it is counted by
 * @example
 * const typing = createTypingIndicator(connection);
 * input.addEventListener('input', () => typing('conversation-1')); // {type: 'TYPING', conversationId: 'conversation-1'}
 */
export const createTypingIndicator = (
  connection: Pick<Connection, 'send' | 'status'>,
  {
    intervalMs = 1_000,
    now = platformClock.now,
  }: {
    /** @default 1_000 */
    intervalMs?: number;
    /** A monotonic time in ms. @default the platform's, looked up at each call */
    now?: () => number;
  } = {},
): ((conversationId: string) => 'sent' | 'skipped') => {
  const sentAt = new Map<string, number>();
  const forgetOld = (time: number): void => {
    for (const [conversationId, at] of sentAt) {
      if (time < at || time - at >= intervalMs) sentAt.delete(conversationId);
    }
  };
  return (conversationId) => {
    const time = timeOf(now);
    forgetOld(time);
    if (sentAt.has(conversationId) || connection.status !== 'open') return 'skipped';
    if (connection.send({ type: 'TYPING', conversationId }) !== 'sent') return 'skipped';
    sentAt.set(conversationId, time);
    return 'sent';
  };
};
