import {
  isWelcome,
  lastOfHeartbeat,
  readCommandName,
  readPresence,
  readReceipt,
  readResume,
  readResumed,
  readWelcome,
  StatesocketError,
  type WireMessage,
} from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';

const frame = (text: string): WireMessage => JSON.parse(text) as WireMessage;
const WELCOME = '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":14000,"window":32}';

describe('a frame of the extension', () => {
  it('is read into what it says and nothing more', () => {
    expect(readWelcome(frame(WELCOME))).toEqual(frame(WELCOME));
    expect(readResumed(frame('{"type":"RESUMED","ok":true,"last":"0","more":1}'))).toEqual({
      type: 'RESUMED',
      ok: true,
      last: '0',
    });
    expect(readResume(frame('{"type":"RESUME","after":null}'))).toEqual({ type: 'RESUME', after: null });
    expect(readPresence(frame('{"type":"PRESENCE","online":["ada"]}'))).toEqual({
      type: 'PRESENCE',
      online: ['ada'],
    });
    expect(
      readReceipt(frame('{"type":"RECEIPT","clientId":"c","n":4,"rejected":[{"n":3,"code":"no"}]}')),
    ).toEqual({ type: 'RECEIPT', clientId: 'c', n: 4, rejected: [{ n: 3, code: 'no' }] });
    expect(readCommandName(frame('{"type":"SAY","clientId":"c","n":1,"key":"k"}'))).toEqual({
      clientId: 'c',
      n: 1,
      key: 'k',
    });
    expect(lastOfHeartbeat(frame('{"type":"HEARTBEAT","last":"7-a"}'))).toBe('7-a');
  });

  it('of a plain server that happens to have the same type is not mistaken for one', () => {
    expect(isWelcome(frame(WELCOME))).toBe(true);
    expect(isWelcome(frame('{"type":"WELCOME","text":"hello"}'))).toBe(false);
    expect(readCommandName(frame('{"type":"SAY","key":"k"}'))).toBeNull();
  });

  it.each([
    ['WELCOME', readWelcome, '{"type":"WELCOME","ext":"statesocket","v":"1","heartbeatMs":1,"window":1}'],
    ['WELCOME', readWelcome, '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":1e10,"window":1}'],
    ['WELCOME', readWelcome, '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":5,"window":0}'],
    ['RESUMED', readResumed, '{"type":"RESUMED","ok":true,"last":null}'],
    ['RESUMED', readResumed, '{"type":"RESUMED","ok":1,"last":"0"}'],
    ['PRESENCE', readPresence, '{"type":"PRESENCE","online":[1]}'],
    ['RECEIPT', readReceipt, '{"type":"RECEIPT","clientId":"c","n":1.5,"rejected":[]}'],
    ['RECEIPT', readReceipt, '{"type":"RECEIPT","clientId":"c","n":1,"rejected":[null]}'],
    ['RESUME', readResume, '{"type":"RESUME"}'],
    ['clientId, n or key', readCommandName, '{"type":"SAY","n":1,"key":"k"}'],
    ['SKIP', readCommandName, '{"type":"SKIP","clientId":"c","n":-1,"key":"k"}'],
  ] as const)('with a wrong %s is malformed', (name, read, text) => {
    const error = read(frame(text));
    expect(error).toBeInstanceOf(StatesocketError);
    expect(error).toMatchObject({ code: 'malformed-frame', message: expect.stringContaining(name) });
  });

  const long = 'x'.repeat(128);
  const name = { clientId: long, n: Number.MAX_SAFE_INTEGER, key: long };
  const right = { ext: 'statesocket', v: 1, heartbeatMs: 1, window: 1 };

  it('has names of 1 to 128 characters and whole numbers from 1, and both ends count', () => {
    expect(readResume({ type: 'RESUME', after: long })).toMatchObject({ after: long });
    expect(readResumed({ type: 'RESUMED', ok: false, last: long })).toMatchObject({ last: long });
    expect(lastOfHeartbeat({ type: 'HEARTBEAT', last: long })).toBe(long);
    expect(readCommandName({ type: 'SAY', ...name })).toEqual(name);
    expect(readCommandName({ type: 'SAY', clientId: 'c', n: 1, key: 'k' })).toMatchObject({ n: 1 });
    const rejected = [{ n: 9, code: long }];
    expect(readReceipt({ type: 'RECEIPT', clientId: long, n: 1, rejected })).toMatchObject({ rejected });
    expect(readWelcome({ type: 'WELCOME', ...right })).toMatchObject(right);
    expect(readWelcome({ type: 'WELCOME', ...right, heartbeatMs: 2 ** 31 - 1 })).toMatchObject({ window: 1 });
  });

  it.each([
    ['an empty position', readResume({ type: 'RESUME', after: '' })],
    ['a long position', readResume({ type: 'RESUME', after: `${long}x` })],
    ['an empty last', readResumed({ type: 'RESUMED', ok: true, last: '' })],
    ['a long last', readResumed({ type: 'RESUMED', ok: true, last: `${long}x` })],
    ['an empty clientId', readCommandName({ type: 'SAY', ...name, clientId: '' })],
    ['a long clientId', readCommandName({ type: 'SAY', ...name, clientId: `${long}x` })],
    ['an empty key', readCommandName({ type: 'SAY', ...name, key: '' })],
    ['a long key', readCommandName({ type: 'SAY', ...name, key: `${long}x` })],
    ['no key', readCommandName({ type: 'SAY', clientId: 'c', n: 1 })],
    ['n of 0', readCommandName({ type: 'SAY', ...name, n: 0 })],
    ['an n beyond the safe integers', readCommandName({ type: 'SAY', ...name, n: 2 ** 53 })],
    ['a receipt for 0', readReceipt({ type: 'RECEIPT', clientId: 'c', n: 0, rejected: [] })],
    [
      'a receipt of a long client',
      readReceipt({ type: 'RECEIPT', clientId: `${long}x`, n: 1, rejected: [] }),
    ],
    [
      'a long code',
      readReceipt({ type: 'RECEIPT', clientId: 'c', n: 1, rejected: [{ n: 1, code: `${long}x` }] }),
    ],
    ['an empty code', readReceipt({ type: 'RECEIPT', clientId: 'c', n: 1, rejected: [{ n: 1, code: '' }] })],
    [
      'a rejection of 0',
      readReceipt({ type: 'RECEIPT', clientId: 'c', n: 1, rejected: [{ n: 0, code: 'no' }] }),
    ],
    ['a window of a half', readWelcome({ type: 'WELCOME', ...right, window: 1.5 })],
    ['heartbeatMs of 0', readWelcome({ type: 'WELCOME', ...right, heartbeatMs: 0 })],
    ['heartbeatMs of a half', readWelcome({ type: 'WELCOME', ...right, heartbeatMs: 0.5 })],
    ['heartbeatMs beyond any timer', readWelcome({ type: 'WELCOME', ...right, heartbeatMs: 2 ** 31 })],
  ])('with %s is malformed', (_what, read) => {
    expect(read).toMatchObject({ code: 'malformed-frame' });
  });

  it('gives no position that it does not have', () => {
    expect(lastOfHeartbeat(frame('{"type":"HEARTBEAT","last":{}}'))).toBeUndefined();
    expect(lastOfHeartbeat(frame('{"type":"HEARTBEAT"}'))).toBeUndefined();
  });
});
