import { createConnection } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import type { OPTION_RULES } from '../../src/client/option-rules.ts';

/** For each option, a value that cannot work, and what the error says that it must be. */
const WRONG: Readonly<Record<keyof typeof OPTION_RULES, readonly [value: unknown, words: string]>> = {
  url: ['', 'a string such as "wss://example.org/connect/", or a function that returns one'],
  getToken: ['secret', 'getToken must be a function'],
  protocols: [['a b'], 'protocols cannot be offered: '],
  WebSocket: [{}, 'WebSocket must be a class'],
  messages: [{ '~standard': {} }, 'a Standard Schema, for example one of valibot or zod'],
  sends: [() => true, 'a Standard Schema, for example one of valibot or zod'],
  ack: ['id', 'true, false, or a function that names the id of a message'],
  codec: [{ decode: () => ({ type: 'A' }) }, '{ decode, encode }, two functions'],
  backoff: [1_000, 'must be a function, for example linearBackoff(); its spreadMs, if any, a number of ms'],
  maxRetries: [-1, 'a number from 0 to 2147483647, or Infinity to never give up'],
  connectTimeoutMs: [0, 'a number above 0, up to 2147483647'],
  stableAfterMs: [2 ** 31, 'a number from 0 to 2147483647'],
  heartbeat: [
    { intervalMs: 0, timeoutMs: 1 },
    'false or { intervalMs, timeoutMs, ping? }, with ms above 0 and ping a function',
  ],
  classifyClose: [{ then: 'backoff' }, 'classifyClose must be a function'],
  delivery: [{}, 'durableDelivery({ durable: … })'],
  signals: [[], 'a function that takes `tell` and returns what ends it'],
  inspect: [{}, 'a function, or an observer with a next function'],
  recorder: [{ maxTransitions: 7 }, 'recorder: flightRecorder('],
  clock: [{ now: () => 0 }, '{ now, setTimeout, clearTimeout }, three functions'],
  random: [0.5, 'random must be a function'],
};

describe('an option that cannot work is bad-option, and says what it must be:', () => {
  it.each(Object.entries(WRONG))('%s', (name, [value, words]) => {
    const { WebSocket } = createFakeServer();
    const make = () => createConnection({ url: 'wss://a.test/', WebSocket, [name]: value });
    expect(make).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(make).toThrow(words);
    expect(make).toThrow(name);
  });

  it.each([
    ['its intervalMs is no number', { intervalMs: '5', timeoutMs: 5 }],
    ['it has no timeoutMs', { intervalMs: 5 }],
    ['its timeoutMs is 0', { intervalMs: 5, timeoutMs: 0 }],
    ['its ping is a text', { intervalMs: 5, timeoutMs: 5, ping: 'ping' }],
    ['it is true', true],
    ['it is null', null],
  ])('heartbeat, where %s', (_, heartbeat) => {
    const { WebSocket } = createFakeServer();
    expect(() =>
      createConnection({ url: 'wss://a.test/', WebSocket, heartbeat: heartbeat as never }),
    ).toThrow('heartbeat must be false or');
  });
});
