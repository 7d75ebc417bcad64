import type { OutboxStore, StoredEntry, StoreSession } from '../../actors/outbox-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';
import { onceInTurn } from '../../lib/once-in-turn.ts';
import { createHoldings, type Opened } from './store-holdings.ts';

/** How long a store may take to open, or for one operation. Some platforms have been seen to never reply. */
const STORE_DEADLINE_MS = 5_000;

/** A store's work: undefined where it is done. */
export type Pending = Promise<void> | undefined;

export interface SteadyStoreOptions {
  /** Null: entries are kept in memory only. */
  readonly store: OutboxStore | null;
  readonly clock: Clock;
  readonly userId: string;
  /** The name under which the session numbers. Nobody else uses it. */
  readonly clientId: string;
  readonly uuid: () => string;
  /** Called for each operation that failed. */
  readonly onFailure: (cause: unknown) => void;
  /** What another page has left, all of one clientId. */
  readonly onAdopt: (entries: readonly StoredEntry[]) => void;
}

/** See {@link createSteadyStore}. */
export interface SteadyStore {
  /** Its user is here: asks for what is left, and stores again what is in memory alone. While it does already, it goes on. */
  open(): Pending;
  /** What is under way of that. */
  readonly opening: Pending;
  /** See {@link StoreSession.exclusive}. */
  readonly exclusive: boolean;
  put(entry: StoredEntry): Pending;
  remove(entries: readonly StoredEntry[]): Pending;
  /** Whether this entry will still be there when the page is gone. */
  outlivesPage(entry: StoredEntry): boolean;
  /**
   * Its user is gone: adopts nothing more. Tells at each `settle()`, and whenever a write has come to an end, which clientIds no other
   * page may have yet. Returns what ends that.
   */
  keep(onHeld: (held: ReadonlySet<string>) => void): () => void;
  settle(): void;
  /** It is over: other pages may have all of it, as soon as what was asked for is done. */
  close(): void;
}

/** Where a store stands. */
interface StoreState {
  current: Opened | null;
  opening: Pending;
  /** What is to be done when a write has come to an end. */
  settle: () => void;
  putCount: number;
  openCount: number;
}

const within = (clock: Clock, pending: Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = setDeadline(clock, STORE_DEADLINE_MS, () =>
      reject(new Error(`The store has not replied for ${STORE_DEADLINE_MS} ms.`)),
    );
    pending.then(resolve, reject).finally(cancel);
  });

/** Does something that may throw, reject or hang, and tells how it ended. */
const attemptsWith =
  (clock: Clock) =>
  (act: () => Pending, failed: (cause: unknown) => void, done = (): void => {}): Pending => {
    try {
      const pending = act();
      if (pending !== undefined) return within(clock, pending).then(done, failed);
      done();
    } catch (cause) {
      failed(cause);
    }
    return undefined;
  };

/**
 * The store of one user's queue. It never throws, rejects or hangs, and keeps in memory what the store does not keep. A store
 * that did not open, or did not reply in time, is not asked again until its user comes back.
 *
 * Whoever speaks for a clientId has all of it: while something is in memory alone, no other page may adopt its clientId, nor the
 * one that new entries are numbered under. A server would take what one page sends for its word on all the lower numbers, and
 * those that another page has would never be done.
 */
export const createSteadyStore = (options: SteadyStoreOptions): SteadyStore => {
  const { store, clock, userId, clientId, onFailure } = options;
  const { owned, unstored, unsettled, opened, writtenNow, heldNow, allClients } = createHoldings(clientId);
  /** What was put before it was first opened, and who waits for that. */
  const early: { readonly key: string; resolve(pending: Pending): void }[] = [];
  const state: StoreState = {
    current: null,
    opening: undefined,
    settle() {},
    putCount: 0,
    openCount: 0,
  };
  const attempt = attemptsWith(clock);

  /** Lets other pages adopt whatever this one does not speak for. */
  const release = (held: ReadonlySet<string>): void => {
    for (const [key, { entry }] of owned) if (!held.has(entry.clientId)) owned.delete(key);
    for (const each of opened) {
      attempt(() => void each.session.close(held), onFailure);
      if (![...each.clients].some((client) => held.has(client))) opened.delete(each);
    }
  };
  const settled = onceInTurn(() => state.settle());

  const write = (
    entries: readonly StoredEntry[],
    act: (session: StoreSession) => Pending,
    failed: (cause: unknown) => void,
    done?: () => void,
  ): Pending => {
    const { current } = state;
    if (current === null) return undefined;
    const pending = attempt(() => act(current.session), failed, done);
    if (pending === undefined) return undefined;
    const clients = entries.map((entry) => entry.clientId);
    unsettled.add(clients);
    return pending.then(() => {
      unsettled.delete(clients);
      settled();
    });
  };

  const put = (entry: StoredEntry): Pending => {
    const { key } = entry;
    state.putCount += 1;
    const number = state.putCount;
    owned.set(key, { entry, lastPut: number });
    if (state.current === null) unstored.add(key);
    if (store !== null && state.openCount === 0)
      return new Promise((resolve) => void early.push({ key, resolve }));
    return write(
      [entry],
      (session) => session.put(entry),
      (cause) => {
        if (owned.get(key)?.lastPut === number) unstored.add(key);
        onFailure(cause);
      },
      () => {
        if (owned.get(key)?.lastPut === number) unstored.delete(key);
      },
    );
  };

  const adopt = (by: Opened, entries: readonly StoredEntry[]): void => {
    for (const entry of entries) {
      by.clients.add(entry.clientId);
      if (!owned.has(entry.key)) owned.set(entry.key, { entry, lastPut: 0 });
    }
    options.onAdopt(entries);
  };

  const openStore = (from: OutboxStore, at: { opened: Opened | null }): Pending => {
    const found: (readonly StoredEntry[])[] = [];
    const name = state.openCount === 0 ? clientId : options.uuid();
    state.openCount += 1;
    const session = from.open({
      userId,
      clientId: name,
      adopt(entries) {
        if (at.opened === null) found.push(entries);
        else if (state.current === at.opened) adopt(at.opened, entries);
      },
    });
    const current = { session, clients: new Set([name]) };
    at.opened = current;
    opened.add(current);
    state.current = current;
    const puts = new Map([...owned.values()].map(({ entry }) => [entry.key, put(entry)]));
    for (const { key, resolve } of early.splice(0)) resolve(puts.get(key));
    for (const entries of found) if (state.current === current) adopt(current, entries);
    return session.loaded;
  };

  return {
    open() {
      if (state.opening !== undefined) return state.opening;
      const at: { opened: Opened | null } = { opened: null };
      const pending = attempt(
        () => (store === null ? undefined : openStore(store, at)),
        (cause) => {
          if (state.current !== at.opened) return;
          onFailure(cause);
          state.current = null;
          attempt(() => void at.opened?.session.close(allClients()), onFailure);
        },
      );
      // It did not open.
      for (const { resolve } of early.splice(0)) resolve(undefined);
      const opening = pending?.then(() => {
        if (state.opening === opening) state.opening = undefined;
      });
      state.opening = opening;
      return opening;
    },
    get opening() {
      return state.opening;
    },
    get exclusive() {
      return store === null || state.current?.session.exclusive === true;
    },
    put,
    remove(entries) {
      for (const { key } of entries) owned.delete(key);
      for (const { key } of entries) unstored.delete(key);
      return write(entries, (session) => session.remove(entries), onFailure);
    },
    outlivesPage: ({ key }) => owned.has(key) && !unstored.has(key),
    keep(onHeld) {
      state.current = null;
      state.opening = undefined;
      const keeping = { isOver: false };
      state.settle = () => {
        const held = heldNow();
        // Where none is held, it is closed.
        if (held.size > 0) release(held);
        if (!keeping.isOver) onHeld(held);
      };
      return () => {
        keeping.isOver = true;
        state.settle = () => {};
      };
    },
    settle: () => state.settle(),
    close() {
      state.current = null;
      state.settle = () => release(writtenNow());
      state.settle();
    },
  };
};
