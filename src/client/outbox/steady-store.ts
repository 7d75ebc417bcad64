import type { OutboxStore, StoredEntry, StoreRequest, StoreSession } from '../../actors/outbox-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';

/** How long a store may take to open, or for one operation. Some platforms have been seen to never answer. */
const STORE_DEADLINE_MS = 5_000;

type Pending = Promise<void> | undefined;

export interface SteadyStoreOptions {
  /** Null: entries are kept in memory only. */
  readonly store: OutboxStore | null;
  readonly clock: Clock;
  /** Called for each operation that failed. */
  readonly onFailure: (cause: unknown) => void;
}

/** A store while one user is connected. It never throws, rejects or hangs, and keeps what the store does not keep. */
export interface SteadySession {
  /** Hands over what is left for this user. Called once, before anything else. */
  load(): Pending;
  /** See {@link StoreSession.exclusive}. */
  readonly exclusive: boolean;
  put(entry: StoredEntry): Pending;
  remove(entries: readonly StoredEntry[]): Pending;
  /** Whether this entry will still be there when the page is gone. */
  outlivesPage(entry: StoredEntry): boolean;
  /** What is left waits for the user's next session, here or on another page. */
  close(): void;
}

/** See {@link createSteadyStore}. */
export interface SteadyStore {
  open(request: StoreRequest): SteadySession;
  /** Ends it for good; the session at hand is closed afterwards. Answers what is lost: what earlier ones left in memory alone. */
  dispose(): readonly StoredEntry[];
}

/** What a session that is over left in the memory of this page. */
interface Leftover {
  readonly entry: StoredEntry;
  readonly isStored: boolean;
}

/** A session of the store that is over, and may hold clientIds still. */
interface Closed {
  readonly session: StoreSession;
  /** Those of puts that are still under way. */
  readonly unsettled: () => readonly string[];
}

interface Current {
  readonly userId: string;
  /** The clientIds that it took over from this page's memory. */
  readonly takenOver: ReadonlySet<string>;
  takeOver(entries: readonly StoredEntry[]): void;
}

/**
 * Makes any store one that cannot fail: what it does not keep is kept in memory, so that nothing is lost while the page
 * lives. A store that did not open, or did not answer that in time, is not asked again in that session.
 *
 * Whoever speaks for a clientId has all of it: of one that is not wholly stored, the page keeps every entry in memory
 * and lets no other page adopt the rest, until a later session of the same user takes it up. A server would take what
 * one page sends for its word on all the lower numbers, and those that another page has would never be done.
 */
export const createSteadyStore = ({ store, clock, onFailure }: SteadyStoreOptions): SteadyStore => {
  let left: readonly Leftover[] = [];
  let closed: readonly Closed[] = [];
  let latest: Current | null = null;
  let isDisposed = false;

  const within = (pending: Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancel = setDeadline(clock, STORE_DEADLINE_MS, () =>
        reject(new Error(`The store has not answered for ${STORE_DEADLINE_MS} ms.`)),
      );
      pending.then(resolve, reject).finally(cancel);
    });

  const attempt = (act: () => Pending, failed: (cause: unknown) => void, done = (): void => {}): Pending => {
    try {
      const pending = act();
      if (pending !== undefined) return within(pending).then(done, failed);
      done();
    } catch (cause) {
      failed(cause);
    }
    return undefined;
  };

  /** Lets other pages adopt whatever this one does not speak for. */
  const releaseOthers = (): void => {
    const held = new Set([
      ...left.map(({ entry }) => entry.clientId),
      ...(latest?.takenOver ?? []),
      ...closed.flatMap(({ unsettled }) => unsettled()),
    ]);
    for (const { session } of closed) session.close(held);
    if (held.size === 0) closed = [];
  };

  return {
    open(request) {
      const { userId } = request;
      /** What this session answers for. */
      const owned = new Map<string, StoredEntry>();
      /** Which of it the store does not have, and in which put it was to get it last. */
      const unstored = new Map<string, number>();
      /** The clientIds of puts under way. */
      const unsettled = new Map<Promise<void>, string>();
      const takenOver = new Set<string>();
      let putCount = 0;
      let session: StoreSession | null = null;
      let isOver = false;

      const adopt = (entries: readonly StoredEntry[]): void => {
        for (const entry of entries) if (!owned.has(entry.key)) owned.set(entry.key, entry);
        request.adopt(entries);
      };

      const put = (entry: StoredEntry): Pending => {
        const current = session;
        const { key } = entry;
        putCount += 1;
        const number = putCount;
        owned.set(key, entry);
        if (current === null) {
          unstored.set(key, number);
          return undefined;
        }
        const pending = attempt(
          () => current.put(entry),
          (cause) => {
            // What was taken out meanwhile must not come back.
            if (owned.has(key)) unstored.set(key, number);
            onFailure(cause);
          },
          () => {
            if ((unstored.get(key) ?? 0) <= number) unstored.delete(key);
          },
        );
        if (pending === undefined) return undefined;
        const settled = pending.finally(() => unsettled.delete(settled));
        unsettled.set(settled, entry.clientId);
        return settled;
      };

      const current: Current = {
        userId,
        takenOver,
        takeOver(entries) {
          for (const { clientId } of entries) takenOver.add(clientId);
          adopt(entries);
          // There may be room by now. In memory it stays until it is stored.
          for (const { key } of entries) {
            const entry = owned.get(key);
            if (entry === undefined) continue;
            unstored.set(key, putCount + 1);
            put(entry);
          }
        },
      };

      /** The store is not asked any more. It may hold clientIds that this page speaks for. */
      const giveUpStore = (): void => {
        if (session !== null) closed = [...closed, { session, unsettled: () => [...unsettled.values()] }];
        session = null;
        releaseOthers();
      };

      /** Of each clientId that is not wholly stored, everything stays in memory. */
      const leave = (): void => {
        const clients = new Set([...unstored.keys()].flatMap((key) => owned.get(key)?.clientId ?? []));
        const entries = [...owned.values()].filter(({ clientId }) => clients.has(clientId));
        const leftovers = entries.map((entry) => ({ entry, isStored: !unstored.has(entry.key) }));
        for (const { key } of entries) {
          owned.delete(key);
          unstored.delete(key);
        }
        if (isDisposed || entries.length === 0) return;
        if (latest?.userId === userId) latest.takeOver(entries);
        else left = [...left, ...leftovers];
      };

      return {
        load() {
          latest = current;
          const own = left.filter(({ entry }) => entry.userId === userId).map(({ entry }) => entry);
          left = left.filter(({ entry }) => entry.userId !== userId);
          const loaded = attempt(
            () => {
              session = store?.open({ ...request, adopt }) ?? null;
              return session?.loaded;
            },
            (cause) => {
              if (isOver) return;
              onFailure(cause);
              // What it has adopted, and what it is storing, is this page's from now on.
              for (const { key, clientId } of owned.values()) {
                unstored.set(key, Number.POSITIVE_INFINITY);
                takenOver.add(clientId);
              }
              giveUpStore();
            },
          );
          if (own.length > 0) current.takeOver(own);
          return loaded;
        },
        get exclusive() {
          return store === null || (session?.exclusive ?? false);
        },
        put,
        remove(entries) {
          for (const { key } of entries) {
            owned.delete(key);
            unstored.delete(key);
          }
          const current = session;
          return current === null ? undefined : attempt(() => current.remove(entries), onFailure);
        },
        outlivesPage: ({ key }) => session !== null && !unstored.has(key),
        close() {
          isOver = true;
          if (latest === current) latest = null;
          leave();
          giveUpStore();
          if (unsettled.size === 0) return;
          Promise.all(unsettled.keys()).then(() => {
            leave();
            releaseOthers();
          });
        },
      };
    },
    dispose() {
      isDisposed = true;
      const lost = left.filter(({ isStored }) => !isStored).map(({ entry }) => entry);
      left = [];
      releaseOthers();
      return lost;
    },
  };
};
