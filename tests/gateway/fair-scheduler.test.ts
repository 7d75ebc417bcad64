import { describe, expect, it } from 'vitest';
import { APP, createFairScheduler, type Owner, PRESENCE } from '../../src/gateway/fair-scheduler.ts';

/** A scheduler whose event loop goes round when the test says so, and whose work says how long it takes. */
const startScheduler = () => {
  let nowMs = 0;
  let immediates: (() => void)[] = [];
  const done: string[] = [];
  const scheduler = createFairScheduler({
    clock: { now: () => nowMs },
    nextTurn: (run) => void immediates.push(run),
    sliceMs: 10,
  });
  return {
    /** Who has worked, in order. */
    done,
    get isArmed() {
      return immediates.length > 0;
    },
    /** One piece of work. Whoever awaits it gets microtasks only. */
    async work(owner: Owner, ms: number) {
      const turn = scheduler.turn(owner);
      if (turn !== undefined) await turn;
      nowMs += ms;
      done.push(String(owner));
    },
    /** Whether one who comes now need not wait. */
    isFree: (owner: Owner) => scheduler.turn(owner) === undefined,
    /** The event loop goes round once. Returns who has worked meanwhile. */
    async goRound(): Promise<readonly string[]> {
      const before = done.length;
      const runs = immediates;
      immediates = [];
      for (const run of runs) run();
      await new Promise((resolve) => setImmediate(resolve));
      return done.slice(before);
    },
  };
};

const pause = () => new Promise((resolve) => setImmediate(resolve));

/** The queue of one socket: a piece of work after the other. */
const socketOf = async (
  work: (owner: Owner, ms: number) => Promise<void>,
  owner: Owner,
  count: number,
  ms: number,
) => {
  for (let i = 0; i < count; i += 1) await work(owner, ms);
};

describe('work on a quiet gateway', () => {
  it('waits for nothing: no timer, no promise', () => {
    const { isFree } = startScheduler();

    expect(isFree('anna')).toBe(true);
  });

  it('goes on in the same turn of the loop while the slice lasts', async () => {
    const { work, done } = startScheduler();

    void socketOf(work, 'anna', 3, 3);
    await pause();

    expect(done).toHaveLength(3);
  });

  it('leaves nothing behind: the loop goes round once, and all is still', async () => {
    const scheduler = startScheduler();
    await scheduler.work('anna', 3);

    await scheduler.goRound();

    expect(scheduler.isArmed).toBe(false);
    expect(scheduler.isFree('anna')).toBe(true);
  });

  it('begins a slice of its own after a pause, however long', async () => {
    const scheduler = startScheduler();
    await scheduler.work('anna', 100);
    await scheduler.goRound();

    expect(scheduler.isFree('anna')).toBe(true);
  });
});

describe('work that never lets the loop go round by itself', () => {
  it('is parted when the slice is used up, and goes on in the next turn of the loop', async () => {
    const { work, done, goRound } = startScheduler();

    void socketOf(work, 'anna', 7, 4);
    await pause();

    // 4, 8, 12 ms: what begins within the slice is not interrupted.
    expect(done).toHaveLength(3);
    // Node runs an immediate that was asked for while it takes input in before it takes in more: one slice, then another.
    expect(await goRound()).toHaveLength(0);
    expect(await goRound()).toHaveLength(3);
    expect(await goRound()).toHaveLength(1);
    expect(await goRound()).toHaveLength(0);
  });

  it('makes no one wait for ever who takes longer than a slice at once', async () => {
    const { work, goRound } = startScheduler();
    void socketOf(work, 'anna', 3, 60);
    await pause();
    await goRound();

    expect(await goRound()).toEqual(['anna']);
    expect(await goRound()).toEqual(['anna']);
  });

  it('makes those wait who come in the midst of it, and they come in their turn', async () => {
    const { work, done, isFree, goRound } = startScheduler();
    void socketOf(work, 'anna', 9, 10);
    await pause();

    void work('bert', 1);
    expect(done).toEqual(['anna']);
    expect(isFree('cleo')).toBe(false);

    expect(await goRound()).toEqual([]);
    expect(await goRound()).toEqual(['anna']);
    expect(await goRound()).toEqual(['bert', 'anna']);
  });
});

describe('turns', () => {
  it('go round by user: one with sixteen sockets has one share', async () => {
    const { work, goRound, done } = startScheduler();
    await work('anna', 10);
    for (let socket = 0; socket < 16; socket += 1) void socketOf(work, 'anna', 4, 10);
    void socketOf(work, 'bert', 4, 10);
    void socketOf(work, 'cleo', 4, 10);
    done.length = 0;

    for (let i = 0; i < 10; i += 1) await goRound();

    expect(done).toEqual(['anna', 'bert', 'cleo', 'anna', 'bert', 'cleo', 'anna', 'bert', 'cleo']);
  });

  it('go round within a slice, too: nobody who goes on overtakes one who waits', async () => {
    const { work, goRound, done } = startScheduler();
    await work('anna', 10);
    for (const user of ['anna', 'bert', 'cleo']) void socketOf(work, user, 3, 1);
    done.length = 0;
    await goRound();

    expect(await goRound()).toEqual(['anna', 'bert', 'cleo', 'anna', 'bert', 'cleo', 'anna', 'bert', 'cleo']);
  });

  it('of one user go round by socket', async () => {
    const { work, goRound } = startScheduler();
    const order: string[] = [];
    await work('anna', 10);
    const socket = async (name: string) => {
      for (let n = 1; n <= 2; n += 1) {
        await work('anna', 10);
        order.push(`${name}${n}`);
      }
    };
    void socket('a');
    void socket('b');
    void socket('c');

    for (let i = 0; i < 7; i += 1) await goRound();

    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  });

  it('are the gateway’s own every second time, whatever number of users there are, and its parts share them', async () => {
    const { work, goRound, done } = startScheduler();
    await work('anna', 10);
    for (const user of ['anna', 'bert', 'cleo']) void socketOf(work, user, 4, 10);
    void socketOf(work, APP, 2, 10);
    void socketOf(work, PRESENCE, 2, 10);
    done.length = 0;

    for (let i = 0; i < 11; i += 1) await goRound();

    expect(done).toEqual([
      'Symbol(app)',
      'anna',
      'Symbol(presence)',
      'bert',
      'Symbol(app)',
      'cleo',
      'Symbol(presence)',
      'anna',
      'bert',
      'cleo',
    ]);
  });

  it('of one owner come in the order in which they were asked for', async () => {
    const { work, goRound } = startScheduler();
    const order: number[] = [];
    await work('anna', 10);
    for (let n = 0; n < 20; n += 1) void work(APP, 1).then(() => order.push(n));

    for (let i = 0; i < 3; i += 1) await goRound();

    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).toHaveLength(20);
  });
});
