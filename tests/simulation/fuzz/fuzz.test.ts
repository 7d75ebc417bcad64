import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fuzzClient } from './fuzz-client.ts';
import { fuzzGateway } from './fuzz-gateway.ts';
import { watchPrototypes } from './prototypes.ts';

/** `FUZZ_FRAMES=1000000 FUZZ_SEED=7` in front of the run: other frames, and more of them. */
const FRAME_COUNT = Number(process.env.FUZZ_FRAMES ?? 100_000);
const SEED = process.env.FUZZ_SEED ?? '1';
const PART_COUNT = 10;
const TIMEOUT_MS = 60_000 + FRAME_COUNT;
/** What the compiler and its caches may come to. A frame that left 100 bytes behind would come to more. */
const HEAP_ALLOWANCE_BYTES = 4_000_000 + FRAME_COUNT * 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

let prototypes: ReturnType<typeof watchPrototypes>;
const rejections: unknown[] = [];
const noteRejection = (cause: unknown): void => void rejections.push(cause);

beforeEach(() => {
  prototypes = watchPrototypes();
  rejections.length = 0;
  process.on('unhandledRejection', noteRejection);
});
afterEach(() => {
  process.off('unhandledRejection', noteRejection);
  expect(rejections).toEqual([]);
  expect(prototypes.areAsBefore()).toBe(true);
});

/** Plays the frames in parts, after a first one that warms up, and answers what the heap grew by. */
const grownBytes = async (part: (seed: string) => unknown): Promise<number> => {
  await part(`${SEED}/warm`);
  await new Promise(setImmediate);
  const before = heapBytes();
  for (let index = 0; index < PART_COUNT; index += 1) await part(`${SEED}/${index}`);
  await new Promise(setImmediate);
  return heapBytes() - before;
};

describe('I15 I16 mutated frames', () => {
  it(
    'make no client throw, deliver nothing strange, and leave nothing behind',
    async () => {
      const seen = { frameCount: 0, deliveredCount: 0, codes: new Set<string>() };
      const grown = await grownBytes((seed) => {
        const tally = fuzzClient(seed, FRAME_COUNT / PART_COUNT);
        expect(tally.strangeCount).toBe(0);
        // Each code once a frame; a frame may end a socket, and time passes between frames.
        expect(tally.mostErrors).toBeLessThan(10);
        // A window of commands, and the few frames of the protocol.
        expect(tally.mostAnswers).toBeLessThan(20);
        expect(tally.mostTimers).toBeLessThan(20);
        // maxCount that wait, 50 delivered, 100 failed.
        expect(tally.mostEntries).toBeLessThanOrEqual(20 + 50 + 100);
        seen.frameCount += tally.frameCount;
        seen.deliveredCount += tally.deliveredCount;
        for (const code of tally.codes) seen.codes.add(code);
      });
      expect(grown).toBeLessThan(HEAP_ALLOWANCE_BYTES);
      // They are not all refused at the door.
      expect(seen.frameCount).toBeGreaterThanOrEqual(FRAME_COUNT);
      expect(seen.deliveredCount).toBeGreaterThan(FRAME_COUNT / 50);
      for (const code of ['malformed-frame', 'message-skipped', 'message-failed', 'invalid-message'])
        expect(seen.codes).toContain(code);
    },
    TIMEOUT_MS,
  );

  it(
    'make no gateway throw, run nothing strange, and leave nothing behind',
    async () => {
      const seen = { frameCount: 0, handledCount: 0, closes: new Set<number>() };
      const grown = await grownBytes(async (seed) => {
        const tally = await fuzzGateway(seed, FRAME_COUNT / PART_COUNT);
        expect(tally.strangeCount).toBe(0);
        expect(tally.mostErrors).toBeLessThan(10);
        expect(tally.mostTimers).toBeLessThan(20);
        expect(tally.leftCount).toBe(0);
        seen.frameCount += tally.frameCount;
        seen.handledCount += tally.handledCount;
        for (const code of tally.closes.keys()) seen.closes.add(code);
      });
      expect(grown).toBeLessThan(HEAP_ALLOWANCE_BYTES);
      expect(seen.frameCount).toBeGreaterThanOrEqual(FRAME_COUNT);
      expect(seen.handledCount).toBeGreaterThan(FRAME_COUNT / 50);
      expect([...seen.closes].sort()).toEqual([1013, 4400]);
    },
    TIMEOUT_MS,
  );
});
