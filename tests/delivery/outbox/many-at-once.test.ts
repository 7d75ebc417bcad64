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

/** How many elements of arrays and maps are looked at in this while. */
const looksAt = (work: () => void): number => {
  let visits = 0;
  const spies = (['filter', 'map', 'every', 'some', 'find', 'flatMap'] as const).map((name) => {
    const original = Array.prototype[name] as (...args: unknown[]) => unknown;
    return vi.spyOn(Array.prototype, name).mockImplementation(function (this: unknown[], ...args: unknown[]) {
      visits += this.length;
      return original.apply(this, args) as never;
    });
  });
  const values = Map.prototype.values;
  const spy = vi.spyOn(Map.prototype, 'values').mockImplementation(function* (this: Map<unknown, unknown>) {
    for (const value of values.call(this)) {
      visits += 1;
      yield value;
    }
    return undefined;
  });
  work();
  for (const each of [...spies, spy]) each.mockRestore();
  return visits;
};

describe('many users, one after the other', () => {
  it('have queues under numbers that are free again: XState keeps something for each name', () => {
    const numbers: number[] = [];
    const { outbox } = createStarted({
      onStep: (_event, _before, { context }) => void numbers.push(context.queue),
    });
    for (let n = 0; n < 100; n += 1) outbox.begin(`user ${n}`);
    expect(new Set(numbers)).toEqual(new Set([1]));
  });
});

describe('one more message', () => {
  const costAt = (waiting: number): number => {
    const { says, outbox } = createStarted({ maxCount: 100_000 });
    outbox.subscribe(() => {});
    for (let n = 0; n < waiting; n += 1) says(`m${n}`);
    return looksAt(() => void says('one more'));
  };

  it('costs the same however many wait', () => {
    expect(costAt(4_000)).toBe(costAt(10));
  });

  it('changes the list, which is built when it is read, and is the same until it changes', () => {
    const { says, outbox, shown } = createStarted();
    says('a');
    const before = outbox.entries;
    const [first] = before;
    expect(outbox.entries).toBe(before);
    says('b');
    expect(outbox.entries).not.toBe(before);
    expect(outbox.entries[0]).toBe(first);
    expect(Object.isFrozen(outbox.entries)).toBe(true);
    expect(shown()).toEqual(['a:queued', 'b:queued']);
    expect(before).toHaveLength(1);
  });

  it('that has its receipt costs the same however many wait behind it', () => {
    const costOf = (waiting: number): number => {
      const { says, outbox, receipts } = createStarted({ maxCount: 100_000 });
      for (let n = 0; n < waiting; n += 1) says(`m${n}`);
      const link = createLink();
      outbox.linked(link);
      return looksAt(() => receipts(link.frames[0]));
    };
    expect(costOf(4_000)).toBe(costOf(100));
  });
});

describe('a plain server that takes two thousand messages that wait', () => {
  it('gets them in turns of a hundred, in order; each is seen as sent once, and what is said meanwhile comes last', () => {
    const { says, outbox, clock } = createStarted({ maxCount: 100_000 });
    for (let n = 0; n < 2_000; n += 1) says(`m${n}`);
    const sent: string[] = [];
    outbox.subscribe(() => {
      for (const { message, state } of outbox.entries) if (state === 'sent') sent.push(String(message.text));
    });
    const link = createLink();
    outbox.plain(link);
    expect(link.texts).toHaveLength(100);
    expect(says('last')).toBe('queued');
    expect(link.texts).toHaveLength(100);
    clock.passes(100);
    const all = [...Array.from({ length: 2_000 }, (_, n) => `m${n}`), 'last'];
    expect(link.texts).toEqual(all);
    expect(sent).toEqual(all);
    expect(outbox.entries).toEqual([]);
  });

  it('costs work that grows as their number, not as its square', () => {
    const costOf = (waiting: number): number => {
      const { says, outbox, clock } = createStarted({ maxCount: 100_000 });
      outbox.subscribe(() => {});
      for (let n = 0; n < waiting; n += 1) says(`m${n}`);
      const link = createLink();
      const visits = looksAt(() => {
        outbox.plain(link);
        clock.passes(1_000);
      });
      expect(link.texts).toHaveLength(waiting);
      return visits;
    };
    expect(costOf(4_000) / costOf(2_000)).toBeLessThan(2.5);
  });

  it('that is gone between two turns has had what it has had, and nothing runs on', () => {
    const { says, outbox, clock, shown } = createStarted({ maxCount: 100_000 });
    for (let n = 0; n < 150; n += 1) says(`m${n}`);
    const link = createLink();
    outbox.plain(link);
    outbox.lost(1006);
    clock.passes(1_000);
    expect(link.texts).toHaveLength(100);
    expect(shown()).toHaveLength(50);
    expect(shown()[0]).toBe('m100:queued');
    outbox.end('dispose');
    expect(clock.timerCount).toBe(0);
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
