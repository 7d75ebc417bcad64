import { createKeptEntries } from './kept-entries.ts';
import type { OutboxStore, StoredEntry, StoreRequest, StoreSession } from './outbox-store.ts';
import { holdLock, type LockService, type ReleaseLock } from './web-locks.ts';

/** The part of a BroadcastChannel that is used. */
export interface PageChannel {
  onmessage: { handle(event: { data: unknown }): void }['handle'] | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What an outbox in IndexedDB needs of the platform, looked up at each use. Undefined: it has none. */
export interface StorePorts {
  readonly indexedDB: () => IDBFactory | undefined;
  readonly locks: () => LockService | undefined;
  readonly openChannel: (name: string) => PageChannel | undefined;
}

/** The platform's own. Web Locks exist on secure pages only (https, localhost). */
export const platformStorage: StorePorts = {
  indexedDB: () => globalThis.indexedDB,
  locks: () => globalThis.navigator?.locks,
  openChannel: (name) =>
    globalThis.BroadcastChannel === undefined ? undefined : new globalThis.BroadcastChannel(name),
};

const LOCK_PREFIX = 'statesocket:outbox:';
const CHANNEL_NAME = 'statesocket:outbox';
interface PageSession extends StoreSession {
  /** Resolves when nothing is left to write. */
  idle(): Promise<void>;
}

/** @param before what the session before it still writes: operations of one page take effect in their order. */
const openSession = (
  ports: StorePorts,
  { userId, clientId, adopt }: StoreRequest,
  before: Promise<void>,
): PageSession => {
  const locks = ports.locks();
  const closing = new AbortController();
  const releases = new Map<string, ReleaseLock>();
  const watched = new Set([clientId]);
  let ownsLock = false;

  const take = (entries: readonly StoredEntry[]): void => {
    kept.take(entries);
    adopt(entries);
  };
  /** Holds the lock of a clientId until the session is over, or longer. */
  const keep = (client: string, release: ReleaseLock): void => {
    if (closing.signal.aborted) release();
    else releases.set(client, release);
  };
  const of = (entries: readonly StoredEntry[], client: string): readonly StoredEntry[] =>
    entries.filter((entry) => entry.clientId === client);

  /** The page of these clientIds is gone, and their locks are ours: adopts what it left. */
  const inherit = async (dead: ReadonlyMap<string, ReleaseLock>): Promise<void> => {
    if (dead.size === 0) return;
    const entries = await kept.stored(userId).catch((cause) => {
      for (const release of dead.values()) release();
      throw cause;
    });
    for (const [client, release] of dead) {
      const left = of(entries, client);
      if (closing.signal.aborted || left.length === 0) {
        // Another user's, perhaps: a page of theirs waits for the lock.
        release();
        watched.delete(client);
      } else {
        keep(client, release);
        take(left);
      }
    }
  };

  const awaitDeath = async (client: string, service: LockService): Promise<void> => {
    const release = await holdLock(service, LOCK_PREFIX + client, { signal: closing.signal });
    if (release !== null) await inherit(new Map([[client, release]]));
  };

  /** Adopts at once what dead pages left, and waits for the living ones. */
  const watch = async (clients: Iterable<string>, service: LockService): Promise<void> => {
    const dead = new Map<string, ReleaseLock>();
    for (const client of clients) {
      if (watched.has(client)) continue;
      watched.add(client);
      const release = await holdLock(service, LOCK_PREFIX + client, { ifAvailable: true });
      if (release !== null) dead.set(client, release);
      // It ends with the session, or with a database that cannot be read: then the entries wait for a next page.
      else awaitDeath(client, service).catch(() => {});
    }
    await inherit(dead);
  };

  const ownLock = async (): Promise<void> => {
    if (locks === undefined) return;
    try {
      const release = await holdLock(locks, LOCK_PREFIX + clientId, { ifAvailable: true });
      if (release === null) return;
      // Also where the session is over by now: what it stores may be held on.
      releases.set(clientId, release);
      ownsLock = true;
    } catch {
      // A page that may not lock (an opaque origin) is as one without locks: see adoptAll.
    }
  };

  /** Without locks nobody can say who lives: all is adopted, and whoever is first to send it, the server does it once. */
  const adoptAll = (entries: readonly StoredEntry[]): void => {
    for (const client of new Set(entries.map((entry) => entry.clientId))) take(of(entries, client));
  };

  const load = async (): Promise<void> => {
    await ready;
    if (closing.signal.aborted) return;
    if (locks === undefined || !ownsLock) {
      const entries = await kept.stored(userId);
      if (!closing.signal.aborted) adoptAll(entries);
      return;
    }
    const channel = ports.openChannel(CHANNEL_NAME);
    if (channel !== undefined) {
      closing.signal.addEventListener('abort', () => channel.close());
      channel.onmessage = ({ data }) => {
        // As above: what cannot be read now waits for a next page.
        if (typeof data === 'string') watch([data], locks).catch(() => {});
      };
      channel.postMessage(clientId);
    }
    const { held = [] } = await locks.query();
    if (closing.signal.aborted) return;
    const living = held
      .map(({ name = '' }) => name)
      .filter((name) => name.startsWith(LOCK_PREFIX))
      .map((name) => name.slice(LOCK_PREFIX.length));
    const stored = (await kept.stored(userId)).map((entry) => entry.clientId);
    await watch(new Set([...stored, ...living]), locks);
  };

  const locked = ownLock();
  const ready = Promise.all([locked, before]);
  const kept = createKeptEntries({
    indexedDB: ports.indexedDB,
    isExclusive: () => ownsLock,
    ready,
    signal: closing.signal,
  });
  const loaded = load();

  const end = async (held: ReadonlySet<string>): Promise<void> => {
    await locked;
    await kept.idle();
    for (const [client, release] of releases) {
      if (held.has(client)) continue;
      releases.delete(client);
      release();
    }
    kept.close();
  };

  return {
    loaded,
    idle: () => ready.then(kept.idle),
    get exclusive() {
      return ownsLock;
    },
    put: kept.put,
    remove: kept.remove,
    close(held) {
      closing.abort();
      void end(held);
    },
  };
};

/**
 * Keeps outboxes in IndexedDB: they survive a reload, a crash of the tab and a restart of the browser, and the entries of
 * a page that is gone are adopted by another one of the same user, under a Web Lock for each clientId.
 *
 * In the back/forward cache a page keeps its lock, and is given up by the browser when another page asks for it.
 * Without Web Locks a page adopts everything that is stored for its user, that of living pages too; the server still
 * does each command once.
 */
export const createIndexedDbStore = (ports: StorePorts = platformStorage): OutboxStore => {
  let latest: PageSession | null = null;
  return {
    open(request) {
      latest = openSession(ports, request, latest?.idle() ?? Promise.resolve());
      return latest;
    },
  };
};
