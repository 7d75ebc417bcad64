import { closeDispositionOf } from 'statesocket/protocol';
import type { Outcome } from '../../closes-page/main.ts';

/** What a connection did after its socket had ended, in the words of the tables of closes. */
export const wordsOf = ({ status, state, minDelayMs, reasons }: Outcome): string => {
  if (reasons.length > 1) return reasons.at(-1) === 'refresh' ? 'fresh token at once' : 'dials at once';
  if (state.includes('spreading')) return 'spread';
  return minDelayMs > 0 ? `${status}, at least ${minDelayMs / 1000} s` : status;
};

/** What the table of closes says of a close. */
export const expectedWords = (code: number, wasClean: boolean, isStable: boolean): string => {
  const { then, spreads, minDelayMs } = closeDispositionOf(code);
  if (then === 'reject') return 'failed';
  if (then === 'refresh') return 'fresh token at once';
  if (then === 'redial' && wasClean && isStable) return spreads ? 'spread' : 'dials at once';
  return minDelayMs > 0 ? `backoff, at least ${minDelayMs / 1000} s` : 'backoff';
};
