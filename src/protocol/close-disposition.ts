import { CloseCode } from './close-codes.ts';
import { type CloseRule, closeRuleOf } from './close-rules.ts';

/** One row of the close table: what a client does about a close, before it is known whether the socket was stable, and its words. */
export interface CloseDisposition extends CloseRule {
  /** What has happened, as a human-readable sentence. */
  readonly words: string;
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [CloseCode.Normal, 'The connection was closed.'],
  [CloseCode.GoingAway, 'The server is shutting down.'],
  [CloseCode.NoStatus, 'The connection was closed.'],
  [CloseCode.Abnormal, 'The connection was lost.'],
  [CloseCode.PolicyViolation, 'The server did not accept this session.'],
  [CloseCode.TooBig, 'A message was too big.'],
  [CloseCode.Restart, 'The server is restarting.'],
  [CloseCode.TryAgainLater, 'The server is busy.'],
  [CloseCode.BadProtocol, 'This app and the server do not understand each other.'],
  [CloseCode.Unauthenticated, 'The session has expired.'],
  [CloseCode.Forbidden, 'This is not allowed.'],
  [CloseCode.SlowConsumer, 'This device was too slow to keep up.'],
  [CloseCode.Displaced, 'The connection was taken over elsewhere.'],
  [CloseCode.TooMany, 'Too many requests.'],
]);

/**
 * What a close code means: one row of the close table. A code that the table does not know means backoff.
 *
 * @example
 * closeDispositionOf(4403).then; // 'reject'
 * closeDispositionOf(1013).minDelayMs; // 10_000
 */
export const closeDispositionOf = (code: number): CloseDisposition => ({
  ...closeRuleOf(code),
  words: WORDS.get(code) ?? 'The connection was closed for an unknown reason.',
});
