import { describe, expect, it, vi } from 'vitest';
import { EMPTY_POSITION, memoryEngine } from '../../src/gateway/index.ts';
import { createLogReader, READ_LIMIT_COUNT } from '../../src/gateway/log/log-reader.ts';
import { createResumableLog, MAX_BATCH_BYTES } from '../../src/gateway/log/resumable-log.ts';
import { chainedText } from '../../src/gateway/wire/outgoing-text.ts';
import { settle } from './support/hub-harness.ts';

const textOf = (n: number) => `{"type":"NEW_MESSAGE","n":${n}}`;

/** A log of so many messages, and turns and drains that come when the test says so. */
const startWorld = async (count: number) => {
  const memory = memoryEngine();
  for (let n = 1; n <= count; n += 1) await memory.append('anna', [textOf(n)]);
  const engine = {
    ...memory,
    readAfter: vi.fn(memory.readAfter),
    last: vi.fn(memory.last),
  };
  const turns: (() => void)[] = [];
  const drains: (() => void)[] = [];
  let isBusy = false;
  let isSlow = false;
  return {
    engine,
    sent: [] as string[],
    /** From now on each turn has to be waited for. */
    busy() {
      isBusy = true;
    },
    /** From now on the socket takes no more before it has drained. */
    slow() {
      isSlow = true;
    },
    takeTurn: () => (isBusy ? new Promise<void>((resolve) => turns.push(resolve)) : undefined),
    drained: () => (isSlow ? new Promise<void>((resolve) => drains.push(resolve)) : undefined),
    async goesOn() {
      for (const goOn of [...turns.splice(0), ...drains.splice(0)]) goOn();
      await settle();
    },
  };
};
type World = Awaited<ReturnType<typeof startWorld>>;

const plainReader = (world: World) =>
  createLogReader({
    engine: world.engine,
    userId: 'anna',
    takeTurn: world.takeTurn,
    position: EMPTY_POSITION,
    send(entry) {
      world.sent.push(entry.text);
      return world.drained();
    },
    lost: () => expect.fail('lost'),
    failed: (cause) => expect.fail(String(cause)),
  });

const resumableReader = (world: World, windowCount = 32) =>
  createResumableLog({
    engine: world.engine,
    userId: 'anna',
    takeTurn: world.takeTurn,
    windowCount,
    room: () => undefined,
    sendHeartbeat: (text) => void world.sent.push(text),
    send(text) {
      world.sent.push(text);
      return world.drained();
    },
    greet: async () => {},
    resumed: () => {},
    failed: (cause) => expect.fail(String(cause)),
  });

describe('a reader of the log of a plain client', () => {
  it('reads 32 at a time, and to the end', async () => {
    const world = await startWorld(READ_LIMIT_COUNT * 2 + 1);
    plainReader(world).wake();
    await settle();

    expect(world.sent).toEqual(Array.from({ length: READ_LIMIT_COUNT * 2 + 1 }, (_, i) => textOf(i + 1)));
    expect(world.engine.readAfter).toHaveBeenCalledTimes(3);
  });

  it('that is stopped while it waits for its turn asks the engine nothing', async () => {
    const world = await startWorld(1);
    world.busy();
    const reader = plainReader(world);
    reader.wake();

    reader.stop();
    await world.goesOn();

    expect(world.engine.readAfter).not.toHaveBeenCalled();
  });

  it('that is stopped while its socket drains sends nothing more', async () => {
    const world = await startWorld(5);
    world.slow();
    const reader = plainReader(world);
    reader.wake();
    await settle();

    reader.stop();
    await world.goesOn();

    expect(world.sent).toEqual([textOf(1)]);
  });
});

describe('a reader of the log of a client of the extension', () => {
  it('that is stopped while it waits for its turn asks the engine nothing', async () => {
    const world = await startWorld(1);
    world.busy();
    const reader = resumableReader(world);
    reader.resume(null);

    reader.stop();
    await world.goesOn();

    expect(world.engine.last).not.toHaveBeenCalled();
    expect(world.sent).toEqual([]);
  });

  it('that is stopped while a read waits for its turn does not read', async () => {
    const world = await startWorld(1);
    const reader = resumableReader(world);
    reader.resume(EMPTY_POSITION);
    await settle();
    world.busy();
    reader.wake();
    const before = world.engine.readAfter.mock.calls.length;

    reader.stop();
    await world.goesOn();

    expect(world.engine.readAfter).toHaveBeenCalledTimes(before);
  });

  it('takes the newest of two RESUMEs that come while it waits for its turn', async () => {
    const world = await startWorld(2);
    const [first] = (await world.engine.readAfter('anna', EMPTY_POSITION, 1)) ?? [];
    world.busy();
    const reader = resumableReader(world);

    reader.resume(EMPTY_POSITION);
    reader.resume(first?.id ?? null);
    for (let turn = 0; turn < 4; turn += 1) await world.goesOn();

    expect(world.sent.map((text) => JSON.parse(text).type)).toEqual(['RESUMED', 'NEW_MESSAGE']);
    expect(world.sent[1]).toContain('"n":2');
  });

  it('tells a fork once, and then nothing but heartbeats until RESUME', async () => {
    const world = await startWorld(2);
    const reader = resumableReader(world);
    reader.resume(null);
    await settle();
    const last = await world.engine.last('anna');
    world.engine.readAfter.mockResolvedValue(null); // the log has forked

    for (let ring = 0; ring < 3; ring += 1) {
      reader.wake();
      await settle();
    }
    expect(world.sent.slice(1)).toEqual([JSON.stringify({ type: 'HEARTBEAT', last })]);
    reader.beat();
    await settle();
    expect(world.sent.slice(2)).toEqual([JSON.stringify({ type: 'HEARTBEAT', last })]);
  });

  it('puts messages into one frame up to 64 KiB, and not one byte more', async () => {
    /** Two messages whose common frame has this many bytes. */
    const framesOf = async (frameBytes: number) => {
      const world = await startWorld(0);
      await world.engine.append('anna', ['{"type":"A"}', '{"type":"B","pad":""}']);
      const [a, b] = (await world.engine.readAfter('anna', EMPTY_POSITION, 2)) ?? [];
      if (a === undefined || b === undefined) return expect.fail('no messages');
      const pad = 'x'.repeat(frameBytes - `[${chainedText(a)},${chainedText(b)}]`.length);
      world.engine.readAfter.mockResolvedValue([a, { ...b, text: `{"type":"B","pad":"${pad}"}` }]);
      resumableReader(world, 2).resume(EMPTY_POSITION);
      await settle();
      return world.sent.slice(1).map((text) => text.length);
    };

    expect(await framesOf(MAX_BATCH_BYTES)).toEqual([MAX_BATCH_BYTES]);
    expect(await framesOf(MAX_BATCH_BYTES + 1)).toHaveLength(2);
  });
});
