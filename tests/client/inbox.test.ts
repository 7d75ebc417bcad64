import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';

const Message = v.variant('type', [
  v.object({ type: v.literal('NEW_MESSAGE'), id: v.string(), text: v.string() }),
  v.object({ type: v.literal('TYPING'), conversationId: v.string() }),
]);
type Message = v.InferOutput<typeof Message>;

const setUp = <M extends { type: string }>(options: ScenarioOptions<M> = {}) => {
  const scenario = createScenario({ ack: true, ...options });
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return { ...scenario, codes: () => scenario.errors.map((error) => error.code) };
};

const ack = (messageId: string | number) => ({ type: 'ACK', messageId });

describe('messages reach their listeners', () => {
  it('by type and all, in the order of the wire', () => {
    const { server, connection } = setUp();
    const typed = vi.fn();
    const all = vi.fn();
    connection.on('A', typed);
    connection.onMessage(all);
    server.sends({ type: 'A', n: 1 }, { type: 'B' }, { type: 'A', n: 2 });
    expect(typed.mock.calls.map(([message]) => message.n)).toEqual([1, 2]);
    expect(all.mock.calls.map(([message]) => message.type)).toEqual(['A', 'B', 'A']);
  });

  it('no more after unsubscribing', () => {
    const { server, connection } = setUp();
    const listener = vi.fn();
    connection.onMessage(() => {});
    const stop = connection.on('A', listener);
    stop();
    stop();
    server.sends({ type: 'A' });
    expect(listener).not.toHaveBeenCalled();
  });

  it.each([
    [
      'an array',
      [
        { type: 'A', n: 1 },
        { type: 'A', n: 2 },
      ],
    ],
    [
      'a BATCH',
      {
        type: 'BATCH',
        messages: [
          { type: 'A', n: 1 },
          { type: 'A', n: 2 },
        ],
      },
    ],
  ])('one by one from %s', (_, batch) => {
    const { server, connection } = setUp();
    const listener = vi.fn();
    connection.on('A', listener);
    server.sends(batch);
    expect(listener.mock.calls.map(([message]) => message.n)).toEqual([1, 2]);
  });

  it('as an ArrayBuffer from a binary frame', () => {
    const { server, connection } = setUp();
    const typed = vi.fn();
    const all = vi.fn();
    connection.on('binary', typed);
    connection.onMessage(all);
    const data = new Uint8Array([1, 2, 3]).buffer;
    server.sendsBytes(data);
    expect(server.latest.binaryType).toBe('arraybuffer');
    expect(typed).toHaveBeenCalledWith({ type: 'binary', data });
    expect(all).toHaveBeenCalledWith({ type: 'binary', data });
  });

  it('even if one of them throws: that is reported and the others still run', () => {
    const { server, connection, codes } = setUp();
    const other = vi.fn();
    connection.on('A', () => {
      throw new Error('mine');
    });
    connection.on('A', other);
    server.sends({ type: 'A', id: 'm1' });
    expect(other).toHaveBeenCalled();
    expect(codes()).toEqual(['listener-failed']);
    expect(server.received).toEqual([ack('m1')]);
  });

  it('typed by the schema, with its output', () => {
    const { server, connection } = setUp<Message>({ messages: Message });
    const texts: string[] = [];
    connection.on('NEW_MESSAGE', (message) => {
      expectTypeOf(message).toEqualTypeOf<Extract<Message, { type: 'NEW_MESSAGE' }>>();
      texts.push(message.text);
    });
    connection.on('binary', (message) => expectTypeOf(message.data).toEqualTypeOf<ArrayBuffer>());
    // @ts-expect-error the schema has no such type
    connection.on('NEW_MESAGE', () => {});
    server.sends({ type: 'NEW_MESSAGE', id: 'm1', text: 'hello' });
    expect(texts).toEqual(['hello']);
  });

  it('except heartbeats, which only show that the server lives', () => {
    const { server, connection, errors } = setUp<Message>({ messages: Message });
    const all = vi.fn();
    connection.onMessage(all);
    server.sends({ type: 'HEARTBEAT' });
    expect(all).not.toHaveBeenCalled();
    expect(errors).toEqual([]);
  });
});

describe('a batch stops when its socket is abandoned', () => {
  it('I14 so that nothing of one user reaches the next', () => {
    const { server, connection } = setUp();
    const seen: unknown[] = [];
    connection.onMessage((message) => {
      seen.push((message as { n?: number }).n);
      connection.connect({ userId: 'ben' });
    });
    const adas = server.latest;
    adas.deliver.frame(
      JSON.stringify([
        { type: 'A', n: 1, id: 'x' },
        { type: 'A', n: 2 },
      ]),
    );
    expect(seen).toEqual([1]);
    expect(adas.sent).toEqual([]);
  });

  it('also between the listeners of one message', () => {
    const { server, connection } = setUp();
    const second = vi.fn();
    connection.on('A', () => connection.logout());
    connection.on('A', second);
    server.sends({ type: 'A' });
    expect(second).not.toHaveBeenCalled();
  });
});

describe('acknowledgement', () => {
  it('I6 goes out after the listeners have run', () => {
    const { server, connection } = setUp();
    connection.on('A', () => expect(server.received).toEqual([]));
    server.sends({ type: 'A', id: 'm1' });
    expect(server.received).toEqual([ack('m1')]);
  });

  it('I4 drops a repeat and acknowledges it again, unchanged', () => {
    const { server, connection } = setUp();
    const listener = vi.fn();
    connection.on('A', listener);
    server.sends({ type: 'A', id: 1 }, { type: 'A', id: 1 }, { type: 'A', id: '1' });
    expect(listener).toHaveBeenCalledTimes(2);
    expect(server.received).toEqual([ack(1), ack(1), ack('1')]);
  });

  it('I4 remembers over a reconnect of the same user, and nothing over a change of user', () => {
    const { server, connection } = setUp({ backoff: () => 0 });
    const listener = vi.fn();
    connection.on('A', listener);
    server.sends({ type: 'A', id: 'm1' });
    connection.disconnect();
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'A', id: 'm1' });
    expect(listener).toHaveBeenCalledTimes(1);
    connection.connect({ userId: 'ben' });
    server.accepts();
    server.sends({ type: 'A', id: 'm1' });
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('I15 remembers the last 2,000 ids', () => {
    const { server, connection } = setUp();
    let count = 0;
    connection.on('A', () => {
      count += 1;
    });
    for (let id = 0; id <= 2_000; id += 1) server.sends({ type: 'A', id });
    server.sends({ type: 'A', id: 1 });
    expect(count).toBe(2_001);
    server.sends({ type: 'A', id: 0 });
    expect(count).toBe(2_002);
  });

  it('is not given to what nobody listened to, what has no id, and what did not fit the schema', () => {
    const { server, connection, codes } = setUp<Message>({ messages: Message });
    server.sends({ type: 'TYPING', id: 'm0', conversationId: 'c' });
    connection.onMessage(() => {});
    server.sends({ type: 'TYPING', conversationId: 'c' }, { type: 'NEW_MESSAGE', id: 'm1' });
    expect(server.received).toEqual([]);
    expect(codes()).toEqual(['unknown-type', 'invalid-message']);
  });

  it('I4 remembers a message that was cut short by its first listener', () => {
    const { server, connection } = setUp();
    const first = vi.fn(() => connection.disconnect());
    connection.on('A', first);
    connection.on('A', () => {});
    server.sends({ type: 'A', id: 'm1' });
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.sends({ type: 'A', id: 'm1' });
    expect(first).toHaveBeenCalledTimes(1);
    expect(server.received).toEqual([ack('m1')]);
  });

  it.each([
    ['without the option', {}],
    ['with false', { ack: false as const }],
  ])('is not given, and repeats pass, %s', (_, options) => {
    const { server, connection, errors } = createScenario(options);
    connection.connect({ userId: 'ada' });
    server.accepts();
    const listener = vi.fn();
    connection.on('GROUP_UPDATED', listener);
    const message = { type: 'GROUP_UPDATED', id: 7 };
    server.sends(message, message, message);
    expect(listener).toHaveBeenCalledTimes(3);
    expect(server.received).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each([
    ['above the safe integers', '9007199254740993'],
    ['below them', '-9007199254740993'],
    ['a fraction', '1.5'],
    ['more than a number', '1e400'],
    ['an empty string', '""'],
    ['longer than 1,024', JSON.stringify('x'.repeat(1_025))],
    ['an object', '{"a":1}'],
    ['a list', '[1]'],
    ['true', 'true'],
  ])(
    'is not given for an id that is %s: the message is delivered each time, and told of once',
    async (_, id) => {
      const { server, connection, codes, errors } = setUp();
      const listener = vi.fn();
      connection.onMessage(listener);
      for (let n = 0; n < 3; n += 1) server.sendsText(`{"type":"A","id":${id}}`);
      server.sendsText(`{"type":"B","id":${id}}`);
      expect(listener).toHaveBeenCalledTimes(4);
      expect(server.received).toEqual([]);
      expect(codes()).toEqual(['bad-message-id', 'bad-message-id']);
      await vi.waitFor(() => expect(errors[0]?.message).toContain('safe integer'));
      expect(errors[0]?.message).not.toContain('xxx');
    },
  );

  it('comes to nothing, and nothing is reported, when the app ends the connection where it is asked for the id', () => {
    const { server, connection, codes } = setUp({
      ack: () => {
        connection.dispose();
        return 'm1';
      },
    });
    const listener = vi.fn();
    connection.on('A', listener);
    server.sends({ type: 'A' });
    expect(listener).not.toHaveBeenCalled();
    expect(codes()).toEqual([]);
  });

  it('takes no id of null for an id', () => {
    const { server, connection, errors } = setUp();
    connection.onMessage(() => {});
    server.sends({ type: 'A', id: null });
    expect(server.received).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('counts what it drops as a repeat', () => {
    const { server, connection } = setUp();
    connection.on('A', () => {});
    const changes = vi.fn();
    const repeatCount = () => connection.delivery.getSnapshot().repeatCount;
    server.sends({ type: 'A', id: 1 });
    connection.delivery.subscribe(changes);
    expect(repeatCount()).toBe(0);
    server.sends([
      { type: 'A', id: 1 },
      { type: 'A', id: 1 },
    ]);
    expect(repeatCount()).toBe(2);
    expect(changes).toHaveBeenCalledTimes(1);
    connection.dispose();
    expect(repeatCount()).toBe(2);
  });

  it('of one frame leaves at its end, in the order of its messages', () => {
    const { server, connection } = setUp();
    connection.onMessage(() => expect(server.received).toEqual([]));
    server.sends([
      { type: 'A', id: 3 },
      { type: 'A', id: 1 },
      { type: 'A', id: 2 },
    ]);
    expect(server.received).toEqual([ack(3), ack(1), ack(2)]);
  });

  it('can name another id, and a throw of it is reported', () => {
    const { server, connection, codes } = setUp({
      ack: (message) => {
        if (message.type === 'B') throw new Error('mine');
        return message.uid as string;
      },
    });
    connection.onMessage(() => {});
    server.sends({ type: 'A', uid: 'u1' }, { type: 'B' }, { type: 'A', uid: { not: 'an id' } });
    expect(server.received).toEqual([ack('u1')]);
    expect(codes()).toEqual(['ack-failed', 'bad-message-id']);
  });
});

describe('an ack option that throws for what it did not expect', () => {
  it('I15 is reported once per type, however many such messages come', () => {
    const { server, connection, errors } = setUp({ ack: ({ meta }) => (meta as { id: string }).id });
    const heard = vi.fn();
    connection.onMessage(heard);
    server.sends(...Array.from({ length: 300 }, () => ({ type: 'A' })), { type: 'B' });
    server.sendsText(JSON.stringify(Array.from({ length: 5_000 }, () => ({ type: 'A' }))));
    expect(heard).toHaveBeenCalledTimes(5_301);
    expect(errors.map(({ code }) => code)).toEqual(['ack-failed', 'ack-failed']);
    expect(errors[0]?.cause).toBeInstanceOf(TypeError);
  });
});

describe('I16 what is hostile or broken is reported, never thrown, and the connection is kept', () => {
  const nested = (depth: number) => `{"type":"A","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  it.each([
    ['no JSON', '{oops', 'malformed-frame'],
    ['an empty text', '', 'malformed-frame'],
    ['a number', '42', 'malformed-frame'],
    ['null', 'null', 'malformed-frame'],
    ['an object without type', '{"a":1}', 'malformed-frame'],
    ['a type that is no string', '{"type":7}', 'malformed-frame'],
    ['a BATCH without messages', '{"type":"BATCH"}', 'malformed-frame'],
    ['a nested batch', '[{"type":"BATCH","messages":[]}]', 'malformed-frame'],
    ['a nested array', '[[{"type":"A"}]]', 'malformed-frame'],
    ['a JSON message that plays a binary frame', '{"type":"binary","data":1}', 'malformed-frame'],
    ['a __proto__ key', '{"type":"A","__proto__":{"polluted":true}}', 'malformed-frame'],
    [
      'a __proto__ key in disguise',
      '{"type":"A","x":{"\\u005f_proto__":{"polluted":true}}}',
      'malformed-frame',
    ],
    [
      'a constructor.prototype',
      '{"type":"A","constructor":{"prototype":{"polluted":true}}}',
      'malformed-frame',
    ],
    ['huge nesting', nested(100_000), 'malformed-frame'],
    ['nesting just over the limit', nested(64), 'malformed-frame'],
    ['a type that nobody knows', '{"type":"WHAT"}', 'unknown-type'],
    ['a type named like a property of Object', '{"type":"hasOwnProperty"}', 'unknown-type'],
  ])('%s', (_, text, code) => {
    const { server, connection, codes } = setUp<Message>({ messages: Message });
    const listener = vi.fn();
    connection.onMessage(listener);
    server.sendsText(text);
    expect(codes()).toEqual([code]);
    expect(listener).not.toHaveBeenCalled();
    expect(connection.status).toBe('open');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('delivers what nests as deep as the limit, and text that only speaks of __proto__', () => {
    const { server, connection, errors } = setUp();
    const listener = vi.fn();
    connection.onMessage(listener);
    server.sendsText(nested(63));
    server.sends({ type: 'A', text: 'what does "__proto__" do?' });
    expect(listener).toHaveBeenCalledTimes(2);
    expect(errors).toEqual([]);
  });

  it('goes on with the rest of a batch behind a broken member', () => {
    const { server, connection, codes } = setUp();
    const listener = vi.fn();
    connection.onMessage(listener);
    server.sends([{ type: 'A' }, 5, { type: 'B' }]);
    expect(listener).toHaveBeenCalledTimes(2);
    expect(codes()).toEqual(['malformed-frame']);
  });

  it('a frame that is neither text nor an ArrayBuffer', () => {
    const { server, codes } = setUp();
    server.sendsBytes(new Blob(['x']) as unknown as ArrayBuffer);
    expect(codes()).toEqual(['malformed-frame']);
  });

  it('cuts a type of a megabyte in the report', () => {
    const { server, connection, errors } = setUp<Message>({ messages: Message });
    connection.onMessage(() => {});
    server.sends({ type: 'x'.repeat(1_000_000) });
    expect(errors[0]?.message.length).toBeLessThan(300);
  });

  it('I15 reports a batch of a hundred thousand broken members once per code, with their number', () => {
    const { server, connection, errors } = setUp();
    connection.on('A', () => {});
    const broken: unknown[] = new Array(100_000).fill(1);
    server.sends([...broken, { type: 'B' }, { type: 'A' }]);
    expect(errors.map(({ code }) => code)).toEqual(['malformed-frame', 'unknown-type']);
    expect(errors[0]?.message).toContain('100000 such members');
  });

  it.each([
    ['frame by frame', (n: number) => Array.from({ length: n }, () => ({ type: 'B' }))],
    ['in one batch', (n: number) => [Array.from({ length: n }, () => ({ type: 'B' }))]],
  ])(
    'I15 says once that nobody listens to a type, of 5,000 that come %s, and what to do',
    async (_, frames) => {
      const { server, errors } = setUp();
      server.sends(...frames(5_000));
      server.sends({ type: 'C' });
      server.sends({ type: 'B' });
      expect(errors.map(({ message }) => message.slice(0, 24))).toEqual([
        'Unknown message type: B.',
        'Unknown message type: C.',
      ]);
      for (const word of ['Nobody listens', 'on()', 'onMessage()', "the bridge's map"]) {
        await vi.waitFor(() => expect(errors[0]?.message).toContain(word));
      }
    },
  );

  it('says once that the schema does not know a type, and what to do', async () => {
    const { server, connection, errors } = setUp<Message>({ messages: Message });
    connection.onMessage(() => {});
    for (let n = 0; n < 300; n += 1) server.sends({ type: 'B' });
    expect(errors.map(({ code }) => code)).toEqual(['unknown-type']);
    await vi.waitFor(() => expect(errors[0]?.message).toContain('Add it to the schema'));
  });

  it('I15 tells of 100 types that nobody knows, then that there are more, then nothing', () => {
    const { server, errors } = setUp();
    for (let n = 0; n < 10_000; n += 1) server.sends({ type: `TYPE_${n}` });
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)?.message).toContain('100 types were told of, no more are');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['answers null', () => ({ value: null })],
    ['answers undefined', () => ({ value: undefined })],
    ['answers something without a type', () => ({ value: {} })],
    ['answers a promise that rejects', () => Promise.reject(new Error('mine'))],
    ['answers a promise', async () => ({ value: { type: 'A' } })],
  ])('a schema that %s', (_, validate) => {
    const { server, connection, codes } = setUp({
      messages: { '~standard': { version: 1, vendor: 'test', validate: validate as never } },
    });
    connection.onMessage(() => {});
    server.sends({ type: 'A' });
    expect(codes()).toEqual(['invalid-message']);
  });
});

describe('sending', () => {
  it('sends text and binary frames as they are', () => {
    const { server, connection } = setUp();
    const bytes = new Uint8Array([1, 2]);
    expect(connection.send({ type: 'SEND', text: 'hi' })).toBe('sent');
    expect(connection.sendBinary(bytes)).toBe('sent');
    expect(server.received).toEqual([{ type: 'SEND', text: 'hi' }, bytes]);
  });

  it.each([
    ['has no type', { text: 'x' }],
    ['is null', null],
    [
      'is circular',
      (() => {
        const a: Record<string, unknown> = { type: 'A' };
        a.a = a;
        return a;
      })(),
    ],
    ['has a BigInt', { type: 'A', n: 1n }],
    ['becomes nothing', { type: 'A', toJSON: () => undefined }],
    ['becomes a string', { type: 'A', toJSON: () => 'A' }],
    [
      'has a type that throws',
      {
        get type(): string {
          throw new Error('mine');
        },
      },
    ],
  ])('refuses a message that %s', (_, message) => {
    const { connection, server, codes } = setUp();
    expect(connection.send(message as { type: string })).toBe('refused');
    expect(codes()).toEqual(['message-not-serialisable']);
    expect(server.received).toEqual([]);
  });

  it('refuses binary data that is none', () => {
    const { connection, codes } = setUp();
    expect(connection.sendBinary('text' as unknown as ArrayBuffer)).toBe('refused');
    expect(codes()).toEqual(['message-not-serialisable']);
  });

  it('refuses while the socket is closing, when a browser would drop the frame in silence', () => {
    const { connection, server, codes } = setUp();
    server.latest.readyState = 2;
    expect(connection.send({ type: 'A' })).toBe('refused');
    expect(codes()).toEqual(['not-connected']);
  });

  it('refuses and reports when the socket throws, for an ACK too', () => {
    const { connection, server, codes } = setUp();
    connection.onMessage(() => {});
    server.latest.send = () => {
      throw new Error('buffer full');
    };
    expect(connection.send({ type: 'A' })).toBe('refused');
    server.sends({ type: 'A', id: 1 });
    expect(codes()).toEqual(['send-failed', 'send-failed']);
    expect(connection.status).toBe('open');
  });
});
