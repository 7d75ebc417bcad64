import {
  CLOSING_GRACE_MS,
  CloseCode,
  closeDispositionOf,
  closingText,
  decodeFrame,
  isClosing,
  isHiddenCloseCode,
  isSendableCloseCode,
  MAX_ADVISED_DELAY_MS,
  NEGOTIATION_MS,
  readClosing,
  StatesocketError,
} from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';

const closing = (fields: object) => ({ type: 'CLOSING', ext: 'statesocket', ...fields });

describe('a CLOSING frame', () => {
  it('says a code of the close table, and how long to wait', () => {
    expect(readClosing(closing({ code: 1013 }))).toMatchObject({ code: 1013, minDelayMs: 0 });
    expect(readClosing(closing({ code: 1012, minDelayMs: 60_000 }))).toMatchObject({ minDelayMs: 60_000 });
    const text = closingText(1013, 5_000);
    expect(text).toBe('{"type":"CLOSING","ext":"statesocket","code":1013,"minDelayMs":5000}');
    expect(closingText(1012)).toBe('{"type":"CLOSING","ext":"statesocket","code":1012}');
    expect(isClosing(decodeFrame(text))).toBe(true);
  });

  it.each([
    {},
    { code: '1013' },
    { code: 1005 },
    { code: 1006 },
    { code: 1015 },
    { code: 4500 },
    { code: Number.NaN },
    { code: 1013, minDelayMs: -1 },
    { code: 1013, minDelayMs: '5' },
    { code: 1013, minDelayMs: null },
    { code: 1013, minDelayMs: Number.NaN },
  ])('that says %o is malformed', (fields) => {
    const read = readClosing(closing(fields));
    expect(read).toBeInstanceOf(StatesocketError);
    expect(read).toMatchObject({ code: 'malformed-frame' });
  });

  it('never makes a client wait longer than ten minutes', () => {
    for (const minDelayMs of [MAX_ADVISED_DELAY_MS + 1, Number.MAX_VALUE, Number.POSITIVE_INFINITY])
      expect(readClosing(closing({ code: 1013, minDelayMs }))).toMatchObject({ minDelayMs: 600_000 });
  });

  it.each([{ type: 'CLOSING' }, { type: 'CLOSING', ext: 'other' }, null, 3, 'CLOSING', []])(
    'is not %o, which is a message of a plain server or none',
    (value) => expect(isClosing(value)).toBe(false),
  );

  it('is waited for less than the negotiation of the extension takes', () => {
    expect(CLOSING_GRACE_MS).toBeLessThan(NEGOTIATION_MS);
  });
});

describe('close codes', () => {
  it('that an engine hides are of the table, but for 1014, and can be sent', () => {
    const hidden = [1012, 1013, 1014];
    expect(Array.from({ length: 5_000 }, (_, code) => code).filter(isHiddenCloseCode)).toEqual(hidden);
    expect(hidden.every(isSendableCloseCode)).toBe(true);
  });

  it('that nobody may send were made up by the platform', () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN])
      expect(isSendableCloseCode(code)).toBe(false);
    for (const code of Object.values(CloseCode)) {
      expect(isSendableCloseCode(code)).toBe(code !== 1005 && code !== 1006);
      expect(closeDispositionOf(code).words).not.toContain('unknown');
    }
  });
});
