import { decode, encode } from '@msgpack/msgpack';
import { type Codec, type ConnectionOptions, createConnection, type WireMessage } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createRandom } from '../simulation/delivery/random.ts';

/** A wire of `type|JSON of the rest`. Bytes whose first is 1 are a batch of `count` messages. */
const codec: Codec = {
  decode(data) {
    if (typeof data !== 'string') {
      const [kind, count = 0] = new Uint8Array(data);
      return kind === 1 ? Array.from({ length: count }, (_, n) => ({ type: 'OF_BYTES', n })) : undefined;
    }
    if (data.startsWith('#')) return undefined;
    const at = data.indexOf('|');
    return { ...JSON.parse(data.slice(at + 1)), type: data.slice(0, at) };
  },
  encode: ({ type, ...rest }) => `${type}|${JSON.stringify(rest)}`,
};

const setUp = (options: Partial<ConnectionOptions<WireMessage>> = {}) => {
  const { WebSocket: _own, clock: _time, ...others } = options;
  const scenario = createScenario({ codec, ...others });
  const heard: unknown[] = [];
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return {
    ...scenario,
    heard,
    hears: () => scenario.connection.onMessage((message) => void heard.push(message)),
    codes: () => scenario.errors.map(({ code }) => code),
  };
};

const decodes = (decode: () => unknown): Codec => ({ ...codec, decode });

describe('a codec', () => {
  it('speaks another wire both ways, ACKs too, and the server is plain from the start', () => {
    const { server, connection, heard, hears, codes } = setUp({ ack: true });
    hears();
    expect(connection.delivery.getSnapshot().status).toBe('plain');
    expect(connection.send({ type: 'CHAT', text: 'hi' })).toBe('sent');
    server.sendsText('CHAT|{"id":"m1","text":"hello"}');
    server.sendsText('CHAT|{"id":"m1","text":"hello"}');
    expect(heard).toEqual([{ type: 'CHAT', id: 'm1', text: 'hello' }]);
    expect(server.latest.sent).toEqual([
      'CHAT|{"text":"hi"}',
      'ACK|{"messageId":"m1"}',
      'ACK|{"messageId":"m1"}',
    ]);
    expect(codes()).toEqual([]);
  });

  it('gets binary frames first: what it does not know goes to the listeners of binary', () => {
    const { server, heard, hears } = setUp();
    hears();
    server.sendsBytes(new Uint8Array([1, 2]).buffer);
    server.sendsBytes(new Uint8Array([9]).buffer);
    expect(heard).toEqual([
      { type: 'OF_BYTES', n: 0 },
      { type: 'OF_BYTES', n: 1 },
      { type: 'binary', data: new Uint8Array([9]).buffer },
    ]);
  });

  it('has text that it does not know dropped, with a report', () => {
    const { server, hears, heard, errors } = setUp();
    hears();
    server.sendsText('# a comment');
    expect(heard).toEqual([]);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['malformed-frame', 'A frame was dropped: the codec returned undefined for its text.'],
    ]);
  });

  it('checks its messages against the schema, and heartbeats reach no listener', () => {
    const { server, hears, heard, codes } = setUp({
      messages: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) =>
            (value as WireMessage).text === undefined
              ? { issues: [{ message: 'no', path: ['text'] }] }
              : { value: value as WireMessage },
        },
      },
    });
    hears();
    server.sendsText('CHAT|{}');
    server.sendsText('HEARTBEAT|{}');
    server.sendsText('CHAT|{"text":"a"}');
    expect(heard).toEqual([{ type: 'CHAT', text: 'a' }]);
    expect(codes()).toEqual(['invalid-message']);
  });

  it('I12 speaks no word of the delivery extension, whatever the server says', () => {
    const { server, hears, heard, clock, connection } = setUp();
    hears();
    server.sendsText('WELCOME|{"ext":"statesocket","v":1,"heartbeatMs":14000,"window":32}');
    clock.passes(10_000);
    expect(server.latest.sent).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(connection.status).toBe('open');
  });
});

describe('I16 what a codec returns is checked as JSON is', () => {
  const polluted: Record<string, unknown> = { type: 'A' };
  Object.defineProperty(polluted, '__proto__', { value: { isAdmin: true }, enumerable: true });
  // What a decoder makes that assigns its keys one by one.
  const reached: Record<string, unknown> = { type: 'A', x: {} };
  Object.setPrototypeOf(reached.x as object, { isAdmin: true });
  const deep = (levels: number): object => (levels === 0 ? {} : { x: deep(levels - 1) });
  const circular: Record<string, unknown> = { type: 'A' };
  circular.self = circular;
  const laughs: Record<string, unknown>[] = [{}];
  for (let n = 1; n < 60; n += 1) laughs.push({ a: laughs[n - 1], b: laughs[n - 1] });

  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['a number', () => 7],
    ['text', () => 'A'],
    ['an object without a type', () => ({ a: 1 })],
    ['a type that is no string', () => ({ type: 7 })],
    ['the type binary', () => ({ type: 'binary', data: new ArrayBuffer(1) })],
    ['a nested list', () => [[{ type: 'A' }]]],
    ['a BATCH without messages', () => ({ type: 'BATCH' })],
    ['bytes', () => new Uint8Array(3)],
    ['a __proto__ key', () => polluted],
    ['a prototype from the wire', () => reached],
    ['a constructor.prototype', () => ({ type: 'A', constructor: { prototype: { isAdmin: true } } })],
    ['a key that reaches a prototype within a Map', () => ({ type: 'A', map: new Map([['k', polluted]]) })],
    ['too deep', () => ({ type: 'A', x: deep(64) })],
    ['a circle', () => circular],
    ['a promise', async () => ({ type: 'A' })],
    ['a promise that rejects', () => Promise.reject(new Error('mine'))],
    [
      'a getter that throws',
      () => ({
        get type(): string {
          throw new Error('mine');
        },
      }),
    ],
    [
      'a throw',
      () => {
        throw new Error('the frame was: secret');
      },
    ],
  ])('%s', async (_, decode) => {
    const { server, hears, heard, connection, errors } = setUp({ codec: decodes(decode) });
    hears();
    server.sendsText('x');
    await Promise.resolve();
    expect(errors.map(({ code }) => code)).toEqual(['malformed-frame']);
    expect(`${errors[0]?.message} ${errors[0]?.cause}`).not.toContain('secret');
    expect(heard).toEqual([]);
    expect(connection.status).toBe('open');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it.each<[string, () => WireMessage]>([
    ['one object in many places', () => ({ type: 'A', x: laughs.at(-1) })],
    [
      'a date, a map, a set and bytes',
      () => ({
        type: 'A',
        d: new Date(0),
        m: new Map([[1, { a: 1 }]]),
        s: new Set([1]),
        b: new Uint8Array(1_000_000),
      }),
    ],
    ['an instance of a class', () => Object.assign(new (class Chat {})(), { type: 'A' })],
    ['an object without a prototype', () => Object.assign(Object.create(null), { type: 'A' })],
  ])('and %s passes, in the time that it takes to look at each once', (_, decode) => {
    const { server, hears, heard, codes } = setUp({ codec: decodes(decode) });
    hears();
    server.sendsText('x');
    expect(codes()).toEqual([]);
    expect(heard).toHaveLength(1);
  });
});

it('I16 whatever bytes a server sends, a decoder of MessagePack ends neither the connection nor the process', () => {
  const { server, hears, heard, connection, codes } = setUp({
    codec: {
      decode: (data) => (typeof data === 'string' ? undefined : decode(data)),
      encode: (message) => encode(message),
    },
  });
  hears();
  const random = createRandom('messagepack');
  const right = encode({ type: 'CHAT', list: [1, { a: 'b' }], at: new Date(0) });
  for (let n = 0; n < 2_000; n += 1) {
    const bytes = right.slice();
    for (let change = 0; change <= n % 4; change += 1) {
      bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
    }
    server.sendsBytes(bytes.slice(0, 1 + Math.floor(random.next() * bytes.length)).buffer);
  }
  server.sendsBytes(right.slice().buffer);
  expect(new Set(codes())).toEqual(new Set(['malformed-frame']));
  expect(heard.at(-1)).toEqual({ type: 'CHAT', list: [1, { a: 'b' }], at: new Date(0) });
  expect(connection.status).toBe('open');
});

describe('what a codec cannot encode', () => {
  it.each<[string, (message: { type: string }) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['a number', () => 7],
    ['nothing', () => undefined],
    ['a promise', async () => 'text'],
    ['a promise that rejects', () => Promise.reject(new Error('mine'))],
  ])('%s: the message is refused, ACKs are reported once, and the connection is kept', async (_, encode) => {
    const { server, connection, hears, codes, errors } = setUp({
      ack: true,
      codec: { ...codec, encode: encode as Codec['encode'] },
    });
    hears();
    expect(connection.send({ type: 'CHAT' })).toBe('refused');
    server.sendsText('CHAT|{"id":1}');
    for (let id = 2; id < 30; id += 1) server.sendsText(`CHAT|{"id":${id}}`);
    expect(codes()).toEqual(['message-not-serialisable', 'message-not-serialisable']);
    await vi.waitFor(() =>
      expect(errors.at(-1)?.message).toMatch(/while it encoded an ACK.*leave out the ack option/),
    );
    expect(server.latest.sent).toEqual([]);
    expect(connection.status).toBe('open');
  });

  it('bytes are a frame too', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { server, connection } = setUp({ codec: { ...codec, encode: () => bytes } });
    connection.send({ type: 'CHAT' });
    expect(server.latest.sent).toEqual([bytes]);
  });
});

describe('a codec that decodes as its messages are read', () => {
  class CutShort {
    get type(): string {
      throw new RangeError('past the end of the frame');
    }
  }

  it('costs the one message that throws, reported, and the rest of the batch is heard', () => {
    const { server, heard, hears, codes } = setUp({
      codec: decodes(() => [{ type: 'A' }, new CutShort(), { type: 'B' }]),
    });
    hears();
    server.sendsText('frame');
    expect(heard).toEqual([{ type: 'A' }, { type: 'B' }]);
    expect(codes()).toEqual(['malformed-frame']);
  });
});

describe('a codec that cannot work', () => {
  const make = (options: object) => () =>
    createConnection({ url: 'wss://x.test/', WebSocket: createFakeServer().WebSocket, ...options });

  it.each<[string, object, RegExp]>([
    ['that is no object', { codec: 'msgpack' }, /codec must be \{ decode, encode \}/],
    ['without encode', { codec: { decode: vi.fn() } }, /codec must be \{ decode, encode \}/],
    ['with delivery', { codec, delivery: durableDelivery() }, /delivery speaks the delivery extension/],
  ])('%s is bad-option', (_, options, words) => {
    expect(make(options)).toThrow(words);
    expect(make(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
