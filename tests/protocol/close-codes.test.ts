import { CloseCode, closeDispositionOf } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import { isKnownCloseCode } from '../../src/protocol/close-rules.ts';

/** Of each code: what a client does, the least wait in ms, and whether clients spread. */
const TABLE: readonly (readonly [keyof typeof CloseCode, number, string, number, boolean])[] = [
  ['Normal', 1000, 'redial', 0, false],
  ['GoingAway', 1001, 'redial', 0, true],
  ['NoStatus', 1005, 'redial', 0, false],
  ['Abnormal', 1006, 'backoff', 0, false],
  ['PolicyViolation', 1008, 'refresh', 0, false],
  ['TooBig', 1009, 'backoff', 0, false],
  ['Restart', 1012, 'redial', 0, true],
  ['TryAgainLater', 1013, 'backoff', 10_000, false],
  ['BadProtocol', 4400, 'reject', 0, false],
  ['Unauthenticated', 4401, 'refresh', 0, false],
  ['Forbidden', 4403, 'reject', 0, false],
  ['SlowConsumer', 4408, 'backoff', 0, false],
  ['Displaced', 4409, 'reject', 0, false],
  ['TooMany', 4429, 'backoff', 30_000, false],
];

describe('the close table', () => {
  it('has a row for each code, and no other', () => {
    expect(TABLE.map(([name, code]) => [name, code])).toEqual(Object.entries(CloseCode));
  });

  it.each(TABLE)('says of %s (%i): %s, at least %i ms, spread: %s', (_, code, then, minDelayMs, spreads) => {
    const { words, ...rest } = closeDispositionOf(code);
    expect(rest).toEqual({ then, minDelayMs, spreads });
    expect(words).toMatch(/^[A-Z].*\.$/);
    expect(isKnownCloseCode(code)).toBe(true);
  });

  it('says backoff of a code that it does not have', () => {
    expect(closeDispositionOf(3_000)).toEqual({
      then: 'backoff',
      minDelayMs: 0,
      spreads: false,
      words: 'The connection was closed for an unknown reason.',
    });
    expect(isKnownCloseCode(3_000)).toBe(false);
  });
});
