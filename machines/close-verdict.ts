import { MAX_DELAY_MS } from '../src/lib/backoff.ts';
import { ignoreRejection } from '../src/lib/unawaited.ts';
import { type CloseRule, closeRuleOf } from '../src/protocol/close-rules.ts';
import type { SocketClose } from './connection.events.ts';

/**
 * The app's own word on a close. Undefined: what the close table says.
 * `minDelayMs` lengthens the wait before the next attempt; it never shortens one.
 */
export type ClassifyClose = (close: SocketClose) =>
  | {
      readonly then: 'backoff' | 'refresh' | 'reject';
      readonly minDelayMs?: number;
    }
  | undefined;

/** What the chart does about one close. */
export type CloseVerdict = CloseRule;

/**
 * Judges one close: the app's word where it has one, else the close table. To dial at once takes a clean close of a
 * stable socket without advice to wait; everything else goes through backoff. `askedMs`: what the server asked for in a
 * CLOSING frame; it lengthens the wait of the table. Pure; asks `classify` once.
 */
export const verdictOf = (
  close: SocketClose,
  wasStable: boolean,
  classify: ClassifyClose,
  askedMs = 0,
): CloseVerdict => {
  const said = classify(close);
  const { then, minDelayMs: leastMs, spreads } = closeRuleOf(close.code);
  const minDelayMs = Math.max(leastMs, askedMs);
  if (said !== undefined) return { then: said.then, minDelayMs: said.minDelayMs ?? 0, spreads: false };
  if (then === 'redial' && !(close.wasClean && wasStable && minDelayMs === 0))
    return { then: 'backoff', minDelayMs, spreads };
  return { then, minDelayMs, spreads };
};

const THENS = ['backoff', 'refresh', 'reject'] as const;

/** Makes an app's `classifyClose` safe to ask: a throw and nonsense are reported, and the close table is used. */
export const safeClassifyClose =
  (classify: ClassifyClose, onFault: (cause: unknown) => void): ClassifyClose =>
  (close) => {
    try {
      const said: unknown = classify(close);
      if (said === undefined || said === null) return undefined;
      const { then, minDelayMs = 0 } = said as { then?: unknown; minDelayMs?: unknown };
      const known = THENS.find((word) => word === then);
      if (known !== undefined && typeof minDelayMs === 'number' && minDelayMs >= 0) {
        return { then: known, minDelayMs: Math.min(MAX_DELAY_MS, minDelayMs) };
      }
      ignoreRejection(said);
      onFault(
        new TypeError(
          "classifyClose must return undefined or { then: 'backoff' | 'refresh' | 'reject', minDelayMs? }.",
        ),
      );
    } catch (cause) {
      onFault(cause);
    }
    return undefined;
  };
