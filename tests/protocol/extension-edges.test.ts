import {
  EMPTY_POSITION,
  isWelcome,
  readCommandName,
  readPresence,
  readReceipt,
  readResume,
  StatesocketError,
  type WireMessage,
} from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import { SKIPPED } from '../../src/protocol/extension.ts';

const isRefused = (result: unknown): boolean => result instanceof StatesocketError;
const resumes = (after: unknown) => readResume({ type: 'RESUME', after } as WireMessage);

describe('the words of the wire', () => {
  it('are those that other servers and clients were built with', () => {
    expect([EMPTY_POSITION, SKIPPED]).toEqual(['0', 'skipped']);
  });
});

describe('a frame that is right in part', () => {
  it('is no WELCOME for its extension alone', () => {
    expect(isWelcome({ type: 'HELLO', ext: 'statesocket' })).toBe(false);
  });

  it.each([
    ['no text', ['x']],
    ['a number', 7],
    ['an empty text', ''],
    ['129 letters', 'x'.repeat(129)],
  ])('is refused where a name is %s', (_, name) => expect(isRefused(resumes(name))).toBe(true));

  it('is taken with a name of 128 letters', () => {
    const after = 'x'.repeat(128);
    expect(resumes(after)).toEqual({ type: 'RESUME', after });
  });

  it('is refused where one of its members is wrong and the others are right', () => {
    expect(isRefused(readPresence({ type: 'PRESENCE', online: ['ada', 7] }))).toBe(true);
    const rejected = [{ n: 3, code: 'no' }, { n: 2 }];
    expect(isRefused(readReceipt({ type: 'RECEIPT', clientId: 'c', n: 4, rejected }))).toBe(true);
  });

  it('is taken where it has no members', () => {
    expect(readPresence({ type: 'PRESENCE', online: [] })).toEqual({ type: 'PRESENCE', online: [] });
  });

  it('has half a name where clientId comes without n, or n without clientId', () => {
    expect(isRefused(readCommandName({ type: 'SAY', clientId: 'c' }))).toBe(true);
    expect(isRefused(readCommandName({ type: 'SAY', n: 1 }))).toBe(true);
    expect(readCommandName({ type: 'SAY' })).toBeNull();
  });
});
