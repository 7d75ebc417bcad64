import { describe, expect, it } from 'vitest';
import type { OutboxStore, StoredEntry } from '../../src/actors/outbox-store.ts';

/** One command that a store may keep. */
export const entry = (n: number, change: Partial<StoredEntry> = {}): StoredEntry => ({
  userId: 'ada',
  clientId: 'c1',
  n,
  key: `${change.clientId ?? 'c1'}-${n}`,
  text: `{"type":"SAY","n":${n}}`,
  queuedAt: n,
  ...change,
});

/** Of what is left the page speaks for nothing. */
export const NONE: ReadonlySet<string> = new Set();

/** Opens a session and collects what it adopts. */
export const opens = async (store: OutboxStore, clientId: string, userId = 'ada') => {
  const adopted: StoredEntry[][] = [];
  const session = store.open({ userId, clientId, adopt: (entries) => void adopted.push([...entries]) });
  await session.loaded;
  return { session, adopted };
};

/** What every store of an outbox does, whatever it keeps its entries in. `make` answers an empty one. */
export const describesOutboxStore = (name: string, make: () => OutboxStore): void => {
  describe(`${name} as a store of an outbox`, () => {
    it('has nothing to adopt at first', async () => {
      const { session, adopted } = await opens(make(), 'c1');
      expect(adopted).toEqual([]);
      session.close(NONE);
    });

    it('gives what a session left to the next one of that user, unchanged, a clientId at a time', async () => {
      const store = make();
      const first = await opens(store, 'c1');
      await Promise.all([first.session.put(entry(1)), first.session.put(entry(2, { skip: 'expired' }))]);
      first.session.close(NONE);
      const second = await opens(store, 'c2');
      await expect.poll(() => second.adopted).toEqual([[entry(1), entry(2, { skip: 'expired' })]]);
      await second.session.put(entry(1, { clientId: 'c2' }));
      second.session.close(NONE);
      const third = await opens(store, 'c3');
      await expect.poll(() => third.adopted.length).toBe(2);
      expect(third.adopted.map((entries) => entries.map(({ key }) => key)).sort()).toEqual([
        ['c1-1', 'c1-2'],
        ['c2-1'],
      ]);
      third.session.close(NONE);
    });

    it('shows nothing of one user to another (I14)', async () => {
      const store = make();
      const first = await opens(store, 'c1');
      await first.session.put(entry(1));
      first.session.close(NONE);
      const other = await opens(store, 'c2', 'ben');
      expect(other.adopted).toEqual([]);
      other.session.close(NONE);
    });

    it('keeps the last that was put under a key, and forgets what is removed', async () => {
      const store = make();
      const first = await opens(store, 'c1');
      first.session.put(entry(1));
      first.session.put(entry(2));
      first.session.put(entry(1, { failure: 'no' }));
      await first.session.remove([entry(2), entry(99)]);
      first.session.close(NONE);
      const second = await opens(store, 'c2');
      await expect.poll(() => second.adopted).toEqual([[entry(1, { failure: 'no' })]]);
      second.session.close(NONE);
    });

    it('carries out what was asked of it before it was closed', async () => {
      const store = make();
      const first = await opens(store, 'c1');
      first.session.put(entry(1));
      first.session.put(entry(2));
      first.session.remove([entry(1)]);
      first.session.close(NONE);
      const second = await opens(store, 'c2');
      await expect.poll(() => second.adopted).toEqual([[entry(2)]]);
      second.session.close(NONE);
    });

    it('adopts nothing for a session that is closed', async () => {
      const store = make();
      const first = await opens(store, 'c1');
      await first.session.put(entry(1));
      first.session.close(NONE);
      const adopted: unknown[] = [];
      const second = store.open({ userId: 'ada', clientId: 'c2', adopt: (entries) => adopted.push(entries) });
      // A store that loads within the call is done by now.
      const before = adopted.length;
      second.close(NONE);
      const third = await opens(store, 'c3');
      await expect.poll(() => third.adopted).toEqual([[entry(1)]]);
      expect(adopted.length).toBe(before);
      third.session.close(NONE);
    });
  });
};
