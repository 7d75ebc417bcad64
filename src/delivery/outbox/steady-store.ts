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

/** What a session knows, also when it is over. */
interface Session {
  readonly userId: string;
  /** What it answers for. */
  readonly owned: Map<string, StoredEntry>;
  /** Which of it the store does not have as it is, and in which put it was to get that. */
  readonly unstored: Map<string, number>;
  /** The clientIds of each write that is under way. */
  readonly unsettled: Set<readonly string[]>;
  /** Those that its store session may hold: its own, and what that has adopted. */
  readonly lockable: Set<string>;
  /** Null: nothing is stored. */
  store: StoreSession | null;
  /** The store is not asked any more. */
  isStoreOver: boolean;
  isOver: boolean;
  /** Takes up entries of a session that is over. */
  takeOver(entries: readonly StoredEntry[]): void;
}

/** What is in memory alone of a session, with the rest of its clientIds. */
const partedOf = ({ owned, unstored }: Session): readonly StoredEntry[] => {
  const clients = new Set([...unstored.keys()].map((key) => owned.get(key)?.clientId));
  return [...owned.values()].filter(({ clientId }) => clients.has(clientId));
};

/** The clientIds that no other page may have yet. */
const heldBy = (session: Session): readonly string[] => {
  const { isOver, owned, lockable, unsettled } = session;
  if (!isOver) return [...lockable, ...[...owned.values()].map(({ clientId }) => clientId)];
  return [...partedOf(session).map(({ clientId }) => clientId), ...[...unsettled].flat()];
};

/**
 * Makes any store one that cannot fail: what it does not keep is kept in memory, so that nothing is lost while the page
 * lives. A store that did not open, or did not answer that in time, is not asked again in that session.
 *
 * Whoever speaks for a clientId has all of it: of one that is not wholly stored, the page keeps every entry in memory
 * and lets no other page adopt the rest, until a later session of the same user takes it up. A server would take what
 * one page sends for its word on all the lower numbers, and those that another page has would never be done.
 */
export const createSteadyStore = ({ store, clock, onFailure }: SteadyStoreOptions): SteadyStore => {
  /** The one at hand, and those that are over and whose clientIds this page speaks for. */
  let sessions: readonly Session[] = [];
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
  const release = (): void => {
    const held = new Set(sessions.flatMap(heldBy));
    const closing = sessions.filter(({ isStoreOver }) => isStoreOver);
    sessions = sessions.filter((session) => {
      const mayHold = session.store !== null && [...session.lockable].some((client) => held.has(client));
      return !session.isOver || mayHold || heldBy(session).length > 0;
    });
    for (const { store: opened } of closing) attempt(() => void opened?.close(held), onFailure);
  };

  /** Nothing of it is in two sessions at any moment: whoever is told of it may end one of them. */
  const handOver = (from: Session, to: Session): void => {
    const entries = partedOf(from);
    for (const { key } of entries) {
      from.owned.delete(key);
      from.unstored.delete(key);
    }
    if (entries.length > 0) to.takeOver(entries);
  };

  /** A session is over, or one of its writes has come to an end since. */
  const settle = (session: Session): void => {
    const next = sessions.find(({ isOver, userId }) => !isOver && userId === session.userId);
    if (isDisposed) session.unstored.clear();
    else if (next !== undefined) handOver(session, next);
    release();
  };

  return {
    open(request) {
      const owned = new Map<string, StoredEntry>();
      const unstored = new Map<string, number>();
      const unsettled = new Set<readonly string[]>();
      const lockable = new Set([request.clientId]);
      let putCount = 0;

      const adopt = (entries: readonly StoredEntry[]): void => {
        for (const entry of entries) {
          lockable.add(entry.clientId);
          if (!owned.has(entry.key)) owned.set(entry.key, entry);
        }
        request.adopt(entries);
      };

      const write = (
        entries: readonly StoredEntry[],
        act: (store: StoreSession) => Pending,
        failed: (cause: unknown) => void,
        done?: () => void,
      ): Pending => {
        const { store, isStoreOver } = session;
        if (store === null || isStoreOver) return undefined;
        const pending = attempt(() => act(store), failed, done);
        if (pending === undefined) return undefined;
        const clients = entries.map(({ clientId }) => clientId);
        unsettled.add(clients);
        return pending.then(() => {
          unsettled.delete(clients);
          if (session.isOver) settle(session);
        });
      };

      const put = (entry: StoredEntry): Pending => {
        const { key } = entry;
        putCount += 1;
        const number = putCount;
        owned.set(key, entry);
        if (session.store === null || session.isStoreOver) unstored.set(key, number);
        return write(
          [entry],
          (store) => store.put(entry),
          (cause) => {
            unstored.set(key, number);
            onFailure(cause);
          },
          () => {
            if ((unstored.get(key) ?? 0) <= number) unstored.delete(key);
          },
        );
      };

      const session: Session = {
        userId: request.userId,
        owned,
        unstored,
        unsettled,
        lockable,
        store: null,
        isStoreOver: false,
        isOver: false,
        takeOver(entries) {
          for (const entry of entries) {
            owned.set(entry.key, entry);
            unstored.set(entry.key, 0);
          }
          request.adopt(entries);
          // There may be room by now. In memory it stays until it is stored.
          for (const { key } of entries) {
            const entry = owned.get(key);
            if (entry === undefined) continue;
            unstored.set(key, putCount + 1);
            put(entry);
          }
        },
      };

      return {
        load() {
          sessions = [...sessions, session];
          const loaded = attempt(
            () => {
              session.store = store?.open({ ...request, adopt }) ?? null;
              return session.store?.loaded;
            },
            (cause) => {
              if (session.isOver) return;
              onFailure(cause);
              session.isStoreOver = true;
              release();
            },
          );
          for (const other of sessions)
            if (other.isOver && !session.isOver && other.userId === session.userId) handOver(other, session);
          if (session.isOver) {
            // Whoever was told of what it adopted has ended it.
            sessions = [...new Set([...sessions, session])];
            settle(session);
          }
          return loaded;
        },
        get exclusive() {
          if (store === null) return true;
          return !session.isStoreOver && session.store?.exclusive === true;
        },
        put,
        remove(entries) {
          for (const { key } of entries) {
            owned.delete(key);
            unstored.delete(key);
          }
          return write(entries, (opened) => opened.remove(entries), onFailure);
        },
        outlivesPage: ({ key }) => session.store !== null && !unstored.has(key),
        close() {
          session.isOver = true;
          session.isStoreOver = true;
          settle(session);
        },
      };
    },
    dispose() {
      isDisposed = true;
      const over = sessions.filter(({ isOver }) => isOver);
      const lost = over.flatMap(({ owned, unstored }) =>
        [...owned.values()].filter(({ key }) => unstored.has(key)),
      );
      for (const { unstored } of over) unstored.clear();
      release();
      return lost;
    },
  };
};
