import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import type { QueuedCommand } from '../../src/gateway/commands/command.ts';
import {
  COMMAND_DEADLINE_MS,
  createCommandQueue,
  MAX_WAITING_COUNT,
} from '../../src/gateway/commands/command-queue.ts';
import { settle } from './support/hub-harness.ts';

/** A queue whose commands finish when the test says so. Turns are there at once. */
const startQueue = () => {
  const clock = createVirtualClock();
  const running: { readonly n: number; readonly isOverdue: () => boolean; finish(): void }[] = [];
  const begun: number[] = [];
  const failures: unknown[] = [];
  let keptBytes = 0;
  const queue = createCommandQueue({
    clock,
    kept: (bytes) => {
      keptBytes += bytes;
    },
    takeTurn: () => undefined,
    run: ({ name }, isOverdue) =>
      new Promise((resolve) => {
        const n = name?.n ?? 0;
        begun.push(n);
        running.push({ n, isOverdue, finish: resolve });
      }),
    failed: (cause) => void failures.push(cause),
  });
  return {
    queue,
    clock,
    begun,
    failures,
    running,
    keptBytes: () => keptBytes,
    async finishes() {
      running.shift()?.finish();
      await settle();
    },
  };
};

const commands = (...numbers: number[]): QueuedCommand[] =>
  numbers.map((n) => ({ name: { clientId: 'page', n, key: 'k' }, command: null }));
const many = (count: number) => commands(...Array.from({ length: count }, (_, i) => i + 1));

describe('the memory that commands take', () => {
  const binary: QueuedCommand = { name: null, command: { kind: 'binary', data: new ArrayBuffer(0) } };

  it('is eight times their text, or as much as is binary, until each has run', async () => {
    const { queue, keptBytes, finishes } = startQueue();
    queue.push(commands(1, 2), 100, 1_000);
    queue.push([binary], 50, 1_000);
    expect(keptBytes()).toBe(850);
    await finishes();
    expect(keptBytes()).toBe(450);
    await finishes();
    await finishes();
    expect(keptBytes()).toBe(0);
  });

  it('is let go of when what waits is forgotten, but for what runs, and that by its deadline at the latest', () => {
    const { queue, clock, keptBytes } = startQueue();
    queue.push(commands(1, 2), 100, 1_000);
    queue.abandon();
    expect(keptBytes()).toBe(400);
    clock.passes(COMMAND_DEADLINE_MS);
    expect(keptBytes()).toBe(0);
  });

  it('counts once where a command ends after its deadline', async () => {
    const { queue, clock, keptBytes, finishes } = startQueue();
    queue.push(commands(1), 100, 1_000);
    clock.passes(COMMAND_DEADLINE_MS);
    await finishes();
    expect(keptBytes()).toBe(0);
  });
});

describe('the bytes that wait', () => {
  it('may be as many as allowed, and not one more', () => {
    const { queue } = startQueue();
    queue.push(commands(1), 50, 100); // runs

    expect(queue.push(commands(2), 60, 100)).toBe(true);
    expect(queue.push(commands(3), 41, 100)).toBe(false);
    expect(queue.push(commands(3), 40, 100)).toBe(true);
    expect(queue.push(commands(4), 1, 100)).toBe(false);
  });

  it('of one frame may be more where nothing else waits', () => {
    const { queue } = startQueue();
    queue.push(commands(1), 500, 100); // runs

    expect(queue.push(commands(2), 500, 100)).toBe(true);
    expect(queue.push(commands(3), 1, 100)).toBe(false);
  });

  it('are freed command by command: each of a frame is its part of it', async () => {
    const { queue, finishes } = startQueue();
    queue.push(commands(1), 1, 100); // runs
    queue.push(commands(2, 3, 4, 5), 100, 100);
    expect(queue.push(commands(6), 25, 100)).toBe(false);

    await finishes(); // 2 runs

    expect(queue.push(commands(6), 25, 100)).toBe(true);
    expect(queue.push(commands(7), 1, 100)).toBe(false);
  });

  it('are none after they were abandoned', async () => {
    const { queue, finishes, begun } = startQueue();
    queue.push(commands(1), 1, 100);
    queue.push(commands(2), 100, 100);

    queue.abandon();

    expect(queue.push(commands(3), 100, 100)).toBe(true);
    await finishes();
    expect(begun).toEqual([1, 3]);
  });
});

describe('the commands that wait', () => {
  it('may be 128 beside the one that runs, and a frame that has more is taken as a whole or not at all', async () => {
    const { queue, finishes, begun } = startQueue();
    queue.push(commands(999), 1, 1_000);

    expect(queue.push(many(MAX_WAITING_COUNT + 1), 1, 1_000)).toBe(false);
    await finishes();
    expect(begun).toEqual([999]);

    queue.push(commands(1_000), 1, 1_000);
    expect(queue.push(many(MAX_WAITING_COUNT), 1, 1_000)).toBe(true);
    expect(queue.push(commands(1), 1, 1_000)).toBe(false);
  });

  it('run one after the other in their order, and settle when the last has', async () => {
    const { queue, finishes, begun } = startQueue();
    let isSettled = false;
    queue.push(commands(1, 2), 1, 100);
    queue.push(commands(3), 1, 100);
    void queue.settled().then(() => {
      isSettled = true;
    });

    expect(begun).toEqual([1]);
    await finishes();
    expect(begun).toEqual([1, 2]);
    await finishes();
    await settle();
    expect([begun, isSettled]).toEqual([[1, 2, 3], false]);
    await finishes();
    expect(isSettled).toBe(true);
  });
});

describe('a command that runs for 30 s', () => {
  it('has failed then, once, knows it, and leaves no timer', async () => {
    const { queue, clock, running, failures, finishes } = startQueue();
    queue.push(commands(1), 1, 100);
    const [one] = running;

    clock.passes(COMMAND_DEADLINE_MS - 1);
    expect([one?.isOverdue(), failures]).toEqual([false, []]);
    clock.passes(1);
    expect([one?.isOverdue(), failures]).toEqual([true, [undefined]]);

    await finishes();
    expect(clock.timerCount).toBe(0);
  });
});
