import type { OutboxStore, StoredEntry, StoreSession } from '../../actors/outbox-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { setDeadline } from '../../lib/deadline.ts';
import { onceInTurn } from '../../lib/once-in-turn.ts';

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
  /** Its user is gone, and a write has come to an end: these clientIds no other page may have yet. */
  readonly onHeld: (held: ReadonlySet<string>) => void;
}

/** See {@link createSteadyStore}. */
export interface SteadyStore {
  /** Its user is here: asks for what is left, and stores again what is in memory alone. */
  open(): Pending;
  /** See {@link StoreSession.exclusive}. */
  readonly exclusive: boolean;
  put(entry: StoredEntry): Pending;
  remove(entries: readonly StoredEntry[]): Pending;
  /** Whether this entry will still be there when the page is gone. */
  outlivesPage(entry: StoredEntry): boolean;
  /** Its user is gone: adopts nothing more. Returns the clientIds that no other page may have yet. */
  leave(): ReadonlySet<string>;
  /** It is over: other pages may have all of it, as soon as what was asked for is done. */
  close(): void;
}

/** A session of the store, and the clientIds whose locks it may hold: the one it was opened under, and what it has adopted. */
interface Opened {
  readonly session: StoreSession;
  readonly clients: Set<string>;
}

/** An entry, and the last put of it: what comes of earlier ones does not count. 0: none. */
interface Owned {
  readonly entry: StoredEntry;
  readonly lastPut: number;
}

/** Whether the user is here, and whether the store is asked. */
type Mode = 'here' | 'left' | 'over';

/** Where a store stands. */
interface StoreState {
  mode: Mode;
  current: Opened | null;
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
  /** What it has, by key. */
  const owned = new Map<string, Owned>();
  /** Which of it the store does not have as it is. */
  const unstored = new Set<string>();
  /** The clientIds of each write that is under way. */
  const unsettled = new Set<readonly string[]>();
  /** The one that is written to, and those before it that hold something still. */
  const opened = new Set<Opened>();
  const state: StoreState = {
    mode: 'left',
    current: null,
    putCount: 0,
    openCount: 0,
  };

  const attempt = attemptsWith(clock);

  /** The clientIds that no other page may have yet. */
  const heldNow = (): ReadonlySet<string> => {
    const written = [...unsettled].flat();
    if (state.mode === 'over') return new Set(written);
    const parted = [...unstored.keys()].flatMap((key) => owned.get(key)?.entry.clientId ?? []);
    const held = [...written, ...parted];
    return new Set(held.length === 0 ? [] : [clientId, ...held]);
  };
  const allClients = (): ReadonlySet<string> => {
    const adopted = [...opened].flatMap(({ clients }) => [...clients]);
    return new Set([clientId, ...adopted, ...[...owned.values()].map(({ entry }) => entry.clientId)]);
  };
  /** Lets other pages adopt whatever this one does not speak for. */
  const release = (held: ReadonlySet<string>): void => {
    for (const [key, { entry }] of owned) if (!held.has(entry.clientId)) owned.delete(key);
    for (const each of opened) {
      attempt(() => void each.session.close(held), onFailure);
      if (![...each.clients].some((client) => held.has(client))) opened.delete(each);
    }
  };
  const settled = onceInTurn(() => {
    if (state.mode === 'here') return;
    const held = heldNow();
    if (held.size > 0 || state.mode === 'over') release(held);
    if (state.mode === 'left') options.onHeld(held);
  });

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
    const early: (readonly StoredEntry[])[] = [];
    const name = state.openCount === 0 ? clientId : options.uuid();
    const session = from.open({
      userId,
      clientId: name,
      adopt(entries) {
        if (at.opened === null) early.push(entries);
        else if (state.current === at.opened) adopt(at.opened, entries);
      },
    });
    state.openCount += 1;
    const current = { session, clients: new Set([name]) };
    at.opened = current;
    opened.add(current);
    state.current = current;
    for (const { entry } of [...owned.values()]) put(entry);
    for (const entries of early) if (state.current === current) adopt(current, entries);
    return session.loaded;
  };

  return {
    open() {
      state.mode = 'here';
      const at: { opened: Opened | null } = { opened: null };
      return attempt(
        () => (store === null ? undefined : openStore(store, at)),
        (cause) => {
          if (state.mode !== 'here' || state.current !== at.opened) return;
          onFailure(cause);
          state.current = null;
          attempt(() => void at.opened?.session.close(allClients()), onFailure);
        },
      );
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
    leave() {
      state.mode = 'left';
      state.current = null;
      const held = heldNow();
      if (held.size > 0) release(held);
      return held;
    },
    close() {
      state.mode = 'over';
      state.current = null;
      release(heldNow());
    },
  };
};
