import { createOutboxDatabase, type OutboxWrite } from './outbox-database.ts';
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
/** When to write again what the browser took away. */
const RESTORE_DELAYS_MS = [0, 100, 1_000, 10_000];

interface PendingWrite {
  readonly writes: readonly OutboxWrite[];
  resolve(): void;
  reject(cause: unknown): void;
}

/**
 * Writes in the order of the calls; what is asked for during a transaction shares the next one.
 *
 * @param write `isRetry`: it failed together with others before.
 * @param refused called for what could not be written on its own.
 */
const createWriter = (
  write: (writes: readonly OutboxWrite[], isRetry: boolean) => Promise<void>,
  refused: (writes: readonly OutboxWrite[]) => void,
  ready: Promise<unknown>,
) => {
  let waiting: PendingWrite[] = [];
  let work: Promise<void> | null = null;

  /** What has no room takes nothing else with it: what fails together is tried one by one. */
  const carryOut = async (batch: readonly PendingWrite[], isRetry: boolean): Promise<void> => {
    try {
      await write(
        batch.flatMap(({ writes }) => writes),
        isRetry,
      );
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      if (batch.length > 1) for (const one of batch) await carryOut([one], true);
      else
        for (const { writes, reject } of batch) {
          refused(writes);
          reject(cause);
        }
    }
  };
  const run = async (): Promise<void> => {
    await ready;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await carryOut(batch, false);
    }
    work = null;
  };

  return {
    add: (writes: readonly OutboxWrite[]): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.push({ writes, resolve, reject });
        work ??= run();
      }),
    /** Resolves when nothing is left to write. */
    idle: (): Promise<void> => work ?? Promise.resolve(),
  };
};

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
  /** What this session answers for, to be written again if the browser takes the database away. */
  const kept = new Map<string, StoredEntry>();
  let ownsLock = false;
  let channel: PageChannel | undefined;

  /** Keys of `kept` that the browser took away; without locks, also those that had no room. */
  const missing = new Set<string>();
  const database = createOutboxDatabase(ports.indexedDB, () => {
    for (const key of kept.keys()) missing.add(key);
    void restore();
  });
  const missed = (): readonly StoredEntry[] => [...missing].flatMap((key) => kept.get(key) ?? []);
  const write = async (writes: readonly OutboxWrite[], isRetry: boolean): Promise<void> => {
    const puts = writes.flatMap((each) => ('put' in each ? [each.put] : []));
    // Without locks another page may send what it finds: none is there without those before it. Taking out still works.
    const owed = ownsLock || puts.length === 0 ? [] : missed();
    if (isRetry && owed.length > 0) throw new Error('There was no room for what was put before it.');
    const again = [...owed, ...puts].filter(({ key }) => missing.delete(key));
    try {
      await database.write([...owed.map((put) => ({ put })), ...writes]);
    } catch (cause) {
      for (const { key } of again) if (kept.has(key)) missing.add(key);
      throw cause;
    }
  };
  const refused = (writes: readonly OutboxWrite[]): void => {
    if (ownsLock) return;
    for (const each of writes) if ('put' in each && kept.has(each.put.key)) missing.add(each.put.key);
  };
  /** While a browser is clearing, it refuses to open what it clears (Chromium: AbortError). */
  const restore = async (): Promise<void> => {
    for (const delayMs of RESTORE_DELAYS_MS) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (closing.signal.aborted || missing.size === 0) return;
      // A failure has nobody to tell here. Without locks the next write of an entry tries again, and that one has.
      await Promise.all(missed().map((put) => writer.add([{ put }]).catch(() => {})));
    }
  };

  const take = (entries: readonly StoredEntry[]): void => {
    for (const entry of entries) if (!kept.has(entry.key)) kept.set(entry.key, entry);
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
    const entries = await database.entriesOf(userId).catch((cause) => {
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
      const entries = await database.entriesOf(userId);
      if (!closing.signal.aborted) adoptAll(entries);
      return;
    }
    channel = ports.openChannel(CHANNEL_NAME);
    if (channel !== undefined) {
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
    const stored = (await database.entriesOf(userId)).map((entry) => entry.clientId);
    await watch(new Set([...stored, ...living]), locks);
  };

  const locked = ownLock();
  const ready = Promise.all([locked, before]);
  const writer = createWriter(write, refused, ready);
  const loaded = load();

  const end = async (held: ReadonlySet<string>): Promise<void> => {
    await locked;
    await writer.idle();
    for (const [client, release] of releases) {
      if (held.has(client)) continue;
      releases.delete(client);
      release();
    }
    database.close();
  };

  return {
    loaded,
    idle: () => ready.then(writer.idle),
    get exclusive() {
      return ownsLock;
    },
    put(entry) {
      kept.set(entry.key, entry);
      return writer.add([{ put: entry }]);
    },
    remove(entries) {
      for (const { key } of entries) {
        kept.delete(key);
        missing.delete(key);
      }
      return writer.add(entries.map((remove) => ({ remove })));
    },
    close(held) {
      closing.abort();
      channel?.close();
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
