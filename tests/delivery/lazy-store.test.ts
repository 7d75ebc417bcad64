import { describe, expect, it } from 'vitest';
import type { OutboxStore, StoredEntry } from '../../src/actors/outbox-store.ts';
import { createLazyStore } from '../../src/delivery/lazy-store.ts';

const entry = (n: number): StoredEntry => ({
  userId: 'ada',
  clientId: 'c',
  n,
  key: `k${n}`,
  text: '{"type":"SAY"}',
  queuedAt: 0,
});

/** Writes down what it is asked for. */
const createWitness = () => {
  const calls: string[] = [];
  const adopted: { current: ((entries: readonly StoredEntry[]) => void) | null } = { current: null };
  const store: OutboxStore = {
    open({ userId, adopt }) {
      calls.push(`open ${userId}`);
      adopted.current = adopt;
      return {
        loaded: undefined,
        exclusive: true,
        put: ({ key }) => void calls.push(`put ${key}`),
        remove: (entries) => void calls.push(`remove ${entries.map(({ key }) => key)}`),
        close: () => void calls.push('close'),
      };
    },
  };
  return { store, calls, adopted };
};

const request = (adopt: (entries: readonly StoredEntry[]) => void = () => {}) => ({
  userId: 'ada',
  clientId: 'c',
  adopt,
});

describe('a store whose code is loaded when it is used', () => {
  it('is asked in the order of the calls, and is not exclusive before it is there', async () => {
    const { store, calls } = createWitness();
    const session = createLazyStore(async () => store).open(request());
    expect(session.exclusive).toBe(false);
    await Promise.all([session.put(entry(1)), session.put(entry(2)), session.remove([entry(1)])]);
    expect(calls).toEqual(['open ada', 'put k1', 'put k2', 'remove k1']);
    expect(session.exclusive).toBe(true);
  });

  it('still keeps what was put before a close that came too soon, and adopts nothing after it', async () => {
    const { store, calls, adopted } = createWitness();
    const heard: unknown[] = [];
    const session = createLazyStore(async () => store).open(request((entries) => heard.push(entries)));
    const kept = session.put(entry(1));
    session.close(new Set());
    await kept;
    await Promise.resolve();
    adopted.current?.([entry(2)]);
    expect([calls, heard]).toEqual([['open ada', 'put k1', 'close'], []]);
  });

  it('that cannot be loaded rejects all that waits, and is tried again by the next session', async () => {
    const { store, calls } = createWitness();
    const loads = [() => Promise.reject(new Error('offline')), async () => store];
    const lazy = createLazyStore(() => loads.shift()?.() ?? Promise.reject(new Error('once too often')));
    const first = lazy.open(request());
    await expect(first.loaded).rejects.toThrow('offline');
    await expect(first.put(entry(1))).rejects.toThrow('offline');
    first.close(new Set());
    await lazy.open(request()).loaded;
    expect(calls).toEqual(['open ada']);
  });
});
