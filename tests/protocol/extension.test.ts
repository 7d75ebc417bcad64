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

  it('gives no position that it does not have', () => {
    expect(lastOfHeartbeat(frame('{"type":"HEARTBEAT","last":{}}'))).toBeUndefined();
    expect(lastOfHeartbeat(frame('{"type":"HEARTBEAT"}'))).toBeUndefined();
  });
});
