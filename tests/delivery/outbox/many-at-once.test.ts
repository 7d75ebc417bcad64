import { describe, expect, it, vi } from 'vitest';
import type { OutboxStore } from '../../../src/actors/outbox-store.ts';
import { createLink, createStarted, settles } from './support/outbox-world.ts';

/** What a page shows and does for many messages at once must not grow with their square. */

/** A store that replies to all that it was asked at once, as a transaction does, and counts how often it was closed. */
const createTransactionStore = () => {
  const replies: (() => void)[] = [];
  const closes: number[] = [];
  const later = (): Promise<void> => new Promise((resolve) => void replies.push(resolve));
  const store: OutboxStore = {
    open: () => ({
      loaded: undefined,
      exclusive: true,
      put: later,
      remove: later,
      close: (held) => void closes.push(held.size),
    }),
  };
  return {
    store,
    closes,
    async commits(): Promise<void> {
      for (const reply of replies.splice(0)) reply();
      await settles();
    },
  };
};

const setUp = (maxAgeMs?: number) => {
  const storage = createTransactionStore();
  const world = createStarted({ store: storage.store, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) });
  const shown = { count: 0 };
  world.outbox.subscribe(() => {
    shown.count += 1;
  });
  const saysMany = (): void => {
    for (let n = 1; n <= 100; n += 1) world.says(`m${n}`);
    shown.count = 0;
  };
  return { ...world, storage, shown, saysMany };
};

describe('a hundred messages that the store has kept in one transaction', () => {
  it('go out in order, and are shown as one change', async () => {
    const { outbox, storage, shown, saysMany } = setUp();
    const link = createLink({ window: 100 });
    outbox.linked(link);
    saysMany();
    await storage.commits();
    expect(link.texts).toEqual(Array.from({ length: 100 }, (_, at) => `m${at + 1}`));
    expect(shown.count).toBe(1);
  });

  it('and that grew too old while they waited, fail as one change', async () => {
    const { clock, codes, storage, shown, saysMany } = setUp(1_000);
    saysMany();
    await storage.commits();
    clock.passes(1_000);
    await storage.commits();
    expect([shown.count, codes().length]).toEqual([1, 100]);
  });

  it('while their user was gone, leave the store to other pages at once', async () => {
    const { outbox, storage, saysMany } = setUp();
    saysMany();
    outbox.end('disconnect');
    expect(storage.closes).toEqual([1]);
    await storage.commits();
    expect(storage.closes).toEqual([1, 0]);
  });
});

describe('messages in memory that grow too old together', () => {
  /** How many elements of arrays are filtered while this many expire. */
  const filteredCount = (count: number): number => {
    const { clock, says, shown } = createStarted({ maxAgeMs: 1_000 });
    for (let n = 1; n <= count; n += 1) says(`m${n}`);
    let visits = 0;
    const original = Array.prototype.filter;
    const spy = vi.spyOn(Array.prototype, 'filter').mockImplementation(function (this: unknown[], ...args) {
      visits += this.length;
      return original.apply(this, args);
    });
    clock.passes(1_000);
    spy.mockRestore();
    expect(shown()).toHaveLength(100);
    return visits;
  };

  it('fail with work that grows as their number, not as its square', () => {
    expect(filteredCount(800) / filteredCount(400)).toBeLessThan(2.5);
  });
});
