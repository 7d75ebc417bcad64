import type { OutboxStore, StoredEntry, StoreRequest, StoreSession } from '../../actors/outbox-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';
import { createMemoryStore } from './memory-store.ts';

/** How long a store may take to open, or for one operation. Some platforms have been seen to never answer. */
const STORE_DEADLINE_MS = 5_000;

export interface SteadyStoreOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  /** Called for each operation that failed. */
  readonly onFailure: (cause: unknown) => void;
}

/** A {@link StoreSession} that never throws, rejects or hangs. */
export interface SteadySession extends StoreSession {
  /** Whether this entry will still be there when the page is gone. */
  outlivesPage(entry: StoredEntry): boolean;
}

/** See {@link createSteadyStore}. */
export interface SteadyStore {
  open(request: StoreRequest): SteadySession;
}

type Pending = Promise<void> | undefined;

/**
 * Makes any store one that cannot fail: what it does not keep is kept in memory beside it, so that nothing is lost while
 * the page lives. A store that did not open, or did not answer in time, is not asked again in that session.
 */
export const createSteadyStore = ({ store, clock, onFailure }: SteadyStoreOptions): SteadyStore => {
  const memory = createMemoryStore();
  const inMemory = new Set<string>();
  /** The last that was put under each key and not removed since: what fails late must not bring back what is gone. */
  const wanted = new Map<string, StoredEntry>();
  let latest: StoreRequest | null = null;

  const within = (pending: Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancel = setDeadline(clock, STORE_DEADLINE_MS, () =>
        reject(new Error(`The store has not answered for ${STORE_DEADLINE_MS} ms.`)),
      );
      pending.then(resolve, reject).finally(cancel);
    });

  const attempt = (act: () => Pending, failed: (cause: unknown) => void): Pending => {
    try {
      const pending = act();
      return pending === undefined ? undefined : within(pending).catch(failed);
    } catch (cause) {
      failed(cause);
      return undefined;
    }
  };

  return {
    open(request) {
      latest = request;
      const beside = memory.open(request);
      let session: StoreSession | null = null;
      let isClosed = false;
      const loaded = attempt(
        () => {
          session = store.open(request);
          return session.loaded;
        },
        (cause) => {
          if (!isClosed) onFailure(cause);
          session?.close();
          session = null;
        },
      );

      const keepInMemory = (key: string): void => {
        const entry = wanted.get(key);
        if (entry === undefined) return;
        inMemory.add(key);
        beside.put(entry);
        // It failed after its session was over: the one that the same user has now takes it.
        if (latest !== null && latest !== request && latest.userId === entry.userId) latest.adopt([entry]);
      };

      return {
        loaded,
        get exclusive() {
          return session?.exclusive ?? false;
        },
        put(entry) {
          wanted.set(entry.key, entry);
          const current = session;
          if (current === null || inMemory.has(entry.key)) keepInMemory(entry.key);
          if (current === null) return undefined;
          return attempt(
            () => current.put(entry),
            (cause) => {
              onFailure(cause);
              keepInMemory(entry.key);
            },
          );
        },
        remove(entries) {
          for (const { key } of entries) {
            wanted.delete(key);
            inMemory.delete(key);
          }
          beside.remove(entries);
          const current = session;
          return current === null ? undefined : attempt(() => current.remove(entries), onFailure);
        },
        outlivesPage: ({ key }) => store.outlivesPage && session !== null && !inMemory.has(key),
        close() {
          isClosed = true;
          if (latest === request) latest = null;
          session?.close();
        },
      };
    },
  };
};
