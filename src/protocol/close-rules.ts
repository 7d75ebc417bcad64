import { CloseCode } from './close-codes.ts';

/** What a client does about a close, before it is known whether the socket was stable. */
export interface CloseRule {
  /**
   * - `redial`: at once where the close was clean and the socket stable, else backoff.
   * - `backoff`: wait as the policy says.
   * - `refresh`: dial at once with a fresh token; refused again, give up.
   * - `reject`: give up.
   */
  readonly then: 'redial' | 'backoff' | 'refresh' | 'reject';
  /** The server's advice: wait at least this long, in ms. 0: none. */
  readonly minDelayMs: number;
  /** Many clients get this close at the same moment: they spread over the policy's `spreadMs`. */
  readonly spreads: boolean;
}

const rule = (then: CloseRule['then'], minDelayMs = 0, spreads = false): CloseRule => ({
  then,
  minDelayMs,
  spreads,
});

const BACKOFF = rule('backoff');
const REDIAL = rule('redial');
const SPREAD = rule('redial', 0, true);
const REFRESH = rule('refresh');
const REJECT = rule('reject');

/** The close table without its words: those are human-readable, and a connection needs none. */
const RULES: ReadonlyMap<number, CloseRule> = new Map([
  [CloseCode.Normal, REDIAL],
  [CloseCode.GoingAway, SPREAD],
  [CloseCode.NoStatus, REDIAL],
  [CloseCode.Abnormal, BACKOFF],
  [CloseCode.PolicyViolation, REFRESH],
  [CloseCode.TooBig, BACKOFF],
  [CloseCode.Restart, SPREAD],
  [CloseCode.TryAgainLater, rule('backoff', 10_000)],
  [CloseCode.BadProtocol, REJECT],
  [CloseCode.Unauthenticated, REFRESH],
  [CloseCode.Forbidden, REJECT],
  [CloseCode.SlowConsumer, BACKOFF],
  [CloseCode.Displaced, REJECT],
  [CloseCode.TooMany, rule('backoff', 30_000)],
]);

/** What a close code asks for. One that the table does not know means backoff. */
export const closeRuleOf = (code: number): CloseRule => RULES.get(code) ?? BACKOFF;

/** Whether the close table has a row for this code. */
export const isKnownCloseCode = (code: number): boolean => RULES.has(code);
