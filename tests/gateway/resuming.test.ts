import { describe, expect, it } from 'vitest';
import { EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { type Message, settle, startHub } from './support/hub-harness.ts';

const text = (n: number, padding = '') => JSON.stringify({ type: 'NEW_MESSAGE', payload: n, padding });
const append = async (engine: Engine, count: number, first = 1) =>
  (await engine.append(
    'anna',
    Array.from({ length: count }, (_, at) => text(first + at)),
  )) as readonly string[];
const payloads = (messages: readonly Message[]) =>
  messages.filter(({ type }) => type === 'NEW_MESSAGE').map(({ payload }) => payload);
const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('the first frames of a socket', () => {
  it('are WELCOME alone, and nothing more before the client has said what it speaks', async () => {
    const { connect, engine, hub } = startHub({
      presence: { watchers: () => ['anna'], watched: () => ['bert'] },
    });
    await append(engine, 1);
    const anna = await connect('anna');
    await append(engine, 1, 2);
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    hub.publishBinary(['anna'], new Uint8Array(1));
    await connect('bert');
    await settle();
    expect(anna.transport.log).toEqual([
      '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":14000,"window":32}',
    ]);
  });

  it('are those of plain mode after 2 s: from where the log was when the socket opened', async () => {
    const { connect, engine, clock, hub } = startHub();
    await append(engine, 1);
    const anna = await connect('anna');
    const [id] = await append(engine, 1, 2);
    clock.passes(1_999);
    await settle();
    expect(anna.types).toEqual(['WELCOME']);
    clock.passes(1);
    await settle();
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    expect(anna.messages.slice(1)).toEqual([
      { type: 'NEW_MESSAGE', payload: 2, padding: '', id },
      { type: 'TYPING' },
    ]);
  });

  it.each([[[]], [{ type: 'PING' }], [{ type: 'HELLO' }], [{ type: 'ACK', messageId: 1 }]])(
    'are those of plain mode at once when the client says something else first: %j',
    async (frame) => {
      const { connect, engine } = startHub();
      const anna = await connect('anna');
      await append(engine, 1);
      await anna.say(frame);
      expect(payloads(anna.messages)).toEqual([1]);
    },
  );

  it('are not those of plain mode after a command with a name, which only the extension sends before its RESUME', async () => {
    const { connect, engine, hub } = startHub();
    const anna = await connect('anna');
    await append(engine, 1);
    await anna.say({ type: 'SEND', clientId: 'page', n: 1, key: 'of the first' });
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    await settle();
    expect(anna.types).toEqual(['WELCOME', 'RECEIPT']);
    await anna.resume(EMPTY_POSITION);
    expect(payloads(anna.messages)).toEqual([1]);
  });

  it('follow the last RESUME, where one frame has two', async () => {
    const { connect, engine } = startHub();
    const [id] = await append(engine, 1);
    const anna = await connect('anna');
    await anna.say([
      { type: 'RESUME', after: null },
      { type: 'RESUME', after: EMPTY_POSITION },
    ]);
    expect(anna.of('RESUMED')).toEqual([{ type: 'RESUMED', ok: true, last: id }]);
    expect(payloads(anna.messages)).toEqual([1]);
  });

  it('are those of the extension also for a RESUME that was long on its way', async () => {
    const { connect, engine, clock } = startHub();
    const anna = await connect('anna');
    clock.passes(2_000);
    const ids = await append(engine, 2);
    await settle();
    await anna.resume(EMPTY_POSITION);
    expect(anna.types).toEqual([
      'WELCOME',
      'NEW_MESSAGE', // in plain mode, which a client that waits for RESUMED ignores
      'NEW_MESSAGE',
      'RESUMED',
      'PRESENCE',
      'NEW_MESSAGE',
      'NEW_MESSAGE',
    ]);
    expect(anna.messages.at(-1)).toMatchObject({ id: ids[1], prev: ids[0] });
  });
});

describe('RESUME', () => {
  it('is answered by RESUMED, PRESENCE and what came after the cursor, each naming its predecessor (I5)', async () => {
    const { connect, engine } = startHub();
    const ids = await append(engine, 3);
    const anna = await connect('anna');
    await anna.resume(ids[0] ?? '');
    expect(anna.messages.slice(1)).toEqual([
      { type: 'RESUMED', ok: true, last: ids[2] },
      { type: 'PRESENCE', online: [] },
      { id: ids[1], prev: ids[0], type: 'NEW_MESSAGE', payload: 2, padding: '' },
      { id: ids[2], prev: ids[1], type: 'NEW_MESSAGE', payload: 3, padding: '' },
    ]);
    await append(engine, 1, 4);
    await settle();
    expect(anna.messages.at(-1)).toMatchObject({ prev: ids[2], payload: 4 });
  });

  it.each([
    ['the empty position of a new log', async () => EMPTY_POSITION],
    ['the last id', async (engine: Engine) => (await append(engine, 2)).at(-1)],
    [
      'the predecessor of the first entry that is kept',
      async (engine: Engine) => (await append(engine, 5))[1],
    ],
  ])('is ok from %s', async (_what, cursorOf) => {
    const engine = memoryEngine({ retention: { maxCount: 3 } });
    const { connect } = startHub({ engine });
    const cursor = await cursorOf(engine);
    const anna = await connect('anna');
    await anna.resume(cursor ?? '');
    expect(anna.of('RESUMED')).toEqual([{ type: 'RESUMED', ok: true, last: await engine.last('anna') }]);
  });

  it.each([
    ['no cursor', async () => null],
    ['one that retention has passed', async (engine: Engine) => (await append(engine, 5))[0]],
    ['one of another user', async (engine: Engine) => (await engine.append('bert', [text(1)]))[0]],
    [
      'one whose number is in range, with another suffix',
      async (engine: Engine) => {
        await append(engine, 5);
        return '4-000000000000';
      },
    ],
    [
      'a number',
      async (engine: Engine) => {
        await append(engine, 5);
        return '4';
      },
    ],
    [
      'the empty position of a log that was trimmed',
      async (engine: Engine) => {
        await append(engine, 5);
        return EMPTY_POSITION;
      },
    ],
  ])('is not ok from %s, and goes on after last', async (_what, cursorOf) => {
    const engine = memoryEngine({ retention: { maxCount: 3 } });
    const { connect } = startHub({ engine });
    const cursor = (await cursorOf(engine)) ?? null;
    const last = await engine.last('anna');
    const anna = await connect('anna');
    await anna.resume(cursor);
    await append(engine, 1, 77);
    await settle();
    expect(anna.messages.slice(1)).toEqual([
      { type: 'RESUMED', ok: false, last },
      { type: 'PRESENCE', online: [] },
      expect.objectContaining({ prev: last, payload: 77 }),
    ]);
  });

  it('in the middle of a read starts again: nothing of the read is sent after RESUMED', async () => {
    const engine = memoryEngine();
    let hold: Promise<void> | null = null;
    const { connect } = startHub({
      engine: {
        ...engine,
        async readAfter(...args) {
          const entries = await engine.readAfter(...args);
          if (hold !== null) await hold;
          return entries;
        },
      },
    });
    const ids = await append(engine, 3);
    const anna = await connect('anna');
    await anna.resume(ids[2] ?? '');
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    await append(engine, 2, 4);
    await anna.resume(ids[0] ?? '');
    await anna.resume(ids[1] ?? '');
    hold = null;
    release();
    await settle();
    const after = anna.messages.slice(anna.types.lastIndexOf('RESUMED'));
    expect(after[0]).toMatchObject({ ok: true });
    expect(payloads(after)).toEqual([3, 4, 5]);
    expect(payloads(anna.messages)).toEqual([3, 4, 5]);
  });
});

describe('the window', () => {
  it('lets out at most so many messages until they are acknowledged, then the rest in order (I15)', async () => {
    const { connect, engine } = startHub({ limits: { windowCount: 4 } });
    await append(engine, 10);
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    expect(payloads(anna.messages)).toEqual(numbers(1, 4));
    await anna.say({ type: 'ACK', messageId: anna.of('NEW_MESSAGE')[1]?.id });
    expect(payloads(anna.messages)).toEqual(numbers(1, 6));
    await anna.say({ type: 'ACK', messageId: anna.of('NEW_MESSAGE')[5]?.id });
    expect(payloads(anna.messages)).toEqual(numbers(1, 10));
  });

  it('is not opened by an ACK of what is not out, twice acknowledged, or of no id at all', async () => {
    const { connect, engine } = startHub({ limits: { windowCount: 2 } });
    const ids = await append(engine, 6);
    const anna = await connect('anna');
    await anna.resume(ids[1] ?? '');
    for (const messageId of [ids[1], ids[4], ids[5], 'nonsense', '', 3, EMPTY_POSITION])
      await anna.say({ type: 'ACK', messageId });
    expect(payloads(anna.messages)).toEqual([3, 4]);
    await anna.say({ type: 'ACK', messageId: ids[2] });
    await anna.say({ type: 'ACK', messageId: ids[2] });
    expect(payloads(anna.messages)).toEqual([3, 4, 5]);
  });

  it('is open again after RESUME', async () => {
    const { connect, engine } = startHub({ limits: { windowCount: 2 } });
    const ids = await append(engine, 6);
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    await anna.resume(ids[0] ?? '');
    expect(payloads(anna.messages)).toEqual([1, 2, 2, 3]);
  });

  it('holds a slow reader: it is not closed, and this process holds no more than a window (I15)', async () => {
    const { connect, engine, hub } = startHub({ limits: { maxBufferedBytes: 1_000 } });
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    anna.transport.stall();
    for (let n = 1; n <= 500; n += 1) await append(engine, 1, n);
    await settle();
    for (let n = 0; n < 100; n += 1)
      hub.publishVolatile(['anna'], { type: 'TYPING', padding: 'x'.repeat(100) });
    expect(anna.closeCode).toBeNull();
    expect(payloads(anna.messages).length).toBeLessThanOrEqual(32);
    expect(anna.transport.bufferedBytes).toBeLessThan(3_000);
    anna.transport.flush();
    for (let acked = 0; acked < 500; ) {
      await settle();
      acked = payloads(anna.messages).length;
      await anna.say({ type: 'ACK', messageId: anna.of('NEW_MESSAGE').at(-1)?.id });
    }
    expect(payloads(anna.messages)).toEqual(numbers(1, 500));
  });
});

describe('a burst', () => {
  it('travels in one frame; a single message travels bare', async () => {
    const { connect, engine } = startHub();
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    const before = anna.frames.length;
    await append(engine, 1);
    await settle();
    await append(engine, 20, 2);
    await settle();
    const [single, burst, ...rest] = anna.frames.slice(before);
    expect(single).toMatchObject({ payload: 1 });
    expect(burst).toHaveLength(20);
    expect(rest).toEqual([]);
    expect(payloads(anna.messages)).toEqual(numbers(1, 21));
  });

  it('is cut into frames of at most 64 KiB, but for a message that is larger alone', async () => {
    const { connect, engine } = startHub();
    const sizes = [30_000, 30_000, 30_000, 100_000, 10, 10, 65_400, 10];
    // ü takes two bytes: the limit is one of bytes, not of characters.
    await engine.append(
      'anna',
      sizes.map((size, at) => text(at + 1, 'ü'.repeat(size / 2))),
    );
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    const frames = anna.transport.log.filter((line) => line.includes('NEW_MESSAGE'));
    for (const frame of frames)
      if (frame.startsWith('[')) expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(64 * 1024);
    expect(frames).toHaveLength(6);
    expect(payloads(anna.messages)).toEqual(numbers(1, 8));
  });
});

describe('HEARTBEAT', () => {
  const beat = async (clock: { passes(ms: number): void }) => {
    clock.passes(14_000);
    await settle();
  };

  it('says last when all of it was sent, and nothing of it while the window is closed', async () => {
    const { connect, engine, clock } = startHub({ limits: { windowCount: 2 } });
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    await beat(clock);
    expect(anna.messages.at(-1)).toEqual({ type: 'HEARTBEAT', last: EMPTY_POSITION });
    await append(engine, 3);
    await settle();
    const other = await connect('anna');
    await other.resume(EMPTY_POSITION);
    await beat(clock);
    expect(anna.messages.at(-1)).toEqual({ type: 'HEARTBEAT' });
    await anna.say({ type: 'ACK', messageId: anna.of('NEW_MESSAGE')[1]?.id });
    const last = await engine.last('anna');
    expect(anna.messages.at(-1)).toMatchObject({ id: last });
  });

  it('comes after what a lost doorbell has left in the log', async () => {
    const engine = memoryEngine();
    const { connect, clock } = startHub({ engine: { ...engine, subscribe: () => () => {} } });
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    const ids = await append(engine, 2);
    await settle();
    expect(payloads(anna.messages)).toEqual([]);
    await beat(clock);
    expect(payloads(anna.messages)).toEqual([1, 2]);
    expect(anna.messages.at(-1)).toEqual({ type: 'HEARTBEAT', last: ids[1] });
  });

  it('tells a last that is not the cursor when the log has forked or was trimmed, also behind a closed window', async () => {
    for (const windowCount of [2, 32]) {
      let engine = memoryEngine();
      const failover = new Proxy(engine, { get: (_engine, name) => engine[name as keyof Engine] });
      const { connect, clock } = startHub({ engine: failover, limits: { windowCount } });
      const ids = await append(engine, 3);
      const anna = await connect('anna');
      await anna.resume(EMPTY_POSITION);
      engine = memoryEngine();
      const [other] = await append(engine, 1);
      await beat(clock);
      expect(anna.messages.at(-1)).toEqual({ type: 'HEARTBEAT', last: other });
      expect(ids).not.toContain(other);
      await anna.resume(ids[windowCount === 2 ? 1 : 2] ?? '');
      expect(anna.messages.slice(-2)).toEqual([
        { type: 'RESUMED', ok: false, last: other },
        { type: 'PRESENCE', online: [] },
      ]);
    }
  });

  it('answers PING at once', async () => {
    const { connect } = startHub();
    const anna = await connect('anna');
    await anna.resume(null);
    await anna.say({ type: 'PING' });
    expect(anna.messages.at(-1)).toEqual({ type: 'HEARTBEAT' });
  });

  it('closes with 1013 when the engine does not answer from one to the next but one', async () => {
    const engine = memoryEngine();
    let hangs = false;
    const { connect, clock, errors } = startHub({
      engine: {
        ...engine,
        readAfter: (...args) => (hangs ? new Promise(() => {}) : engine.readAfter(...args)),
      },
    });
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    hangs = true;
    await append(engine, 1);
    await settle();
    await beat(clock);
    expect(anna.closeCode).toBeNull();
    await beat(clock);
    expect(errors.map(({ code }) => code)).toEqual(['engine-failed']);
    expect(anna.closeCode).toBe(1013);
  });
});

describe('PRESENCE', () => {
  const watching = { watchers: () => ['anna'], watched: () => ['bert', 'cleo'] };

  it('shows who is online at the moment it is sent, before anything volatile, and changes come after it', async () => {
    let answer: (users: string[]) => void = () => {};
    const { connect, hub, engine } = startHub({
      presence: {
        watchers: () => ['anna'],
        watched: (userId) =>
          userId === 'anna'
            ? new Promise((resolve) => {
                answer = resolve;
              })
            : [],
      },
    });
    await append(engine, 1);
    await connect('bert');
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    await connect('cleo'); // online after the question, before the answer
    await settle();
    answer(['bert', 'cleo', 'dora']);
    await settle();
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    expect(anna.messages.slice(1)).toEqual([
      expect.objectContaining({ type: 'RESUMED' }),
      { type: 'PRESENCE', online: ['bert', 'cleo'] },
      expect.objectContaining({ payload: 1 }),
      { type: 'TYPING' },
    ]);
    await connect('dora');
    await settle();
    expect(anna.messages.at(-1)).toEqual({ type: 'USER_ONLINE', userId: 'dora' });
  });

  it('never delays durable messages for more than a second, and comes after all when it is known (I17)', async () => {
    let answer: (users: string[]) => void = () => {};
    const { connect, engine, clock } = startHub({
      presence: {
        watchers: () => [],
        watched: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      },
    });
    await append(engine, 1);
    await connect('bert');
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    clock.passes(999);
    await settle();
    expect(anna.types).toEqual(['WELCOME', 'RESUMED']);
    clock.passes(1);
    await settle();
    expect(anna.messages.slice(2)).toEqual([
      { type: 'PRESENCE', online: [] },
      expect.objectContaining({ payload: 1 }),
    ]);
    answer(['bert']);
    await settle();
    expect(anna.messages.at(-1)).toEqual({ type: 'PRESENCE', online: ['bert'] });
  });

  it('is empty when the app cannot say, and is sent again at the next heartbeat', async () => {
    let broken = true;
    const { connect, clock, errors } = startHub({
      presence: {
        ...watching,
        watched: () => {
          if (broken) throw new Error('database gone');
          return ['bert'];
        },
      },
    });
    await connect('bert');
    const anna = await connect('anna');
    await anna.resume(null);
    expect(anna.of('PRESENCE')).toEqual([{ type: 'PRESENCE', online: [] }]);
    expect(errors.map(({ code }) => code)).toEqual(['presence-failed']);
    broken = false;
    clock.passes(14_000);
    await settle();
    expect(anna.of('PRESENCE').at(-1)).toEqual({ type: 'PRESENCE', online: ['bert'] });
  });

  it('is sent again when a slow reader went without a change', async () => {
    const { connect, hub, clock } = startHub({ presence: watching, limits: { maxBufferedBytes: 100 } });
    const anna = await connect('anna');
    await anna.resume(null);
    anna.transport.stall();
    hub.publishBinary(['anna'], new Uint8Array(101));
    await connect('bert');
    await settle();
    expect(anna.of('USER_ONLINE')).toEqual([]);
    anna.transport.flush();
    clock.passes(14_000);
    await settle();
    expect(anna.of('PRESENCE')).toEqual([
      { type: 'PRESENCE', online: [] },
      { type: 'PRESENCE', online: ['bert'] },
    ]);
  });
});
