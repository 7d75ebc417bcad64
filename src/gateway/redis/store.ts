import { type Connection, createConnection } from './connection.ts';
import { codeOf, fateOf, RequestFailed } from './failure.ts';
import { hashSlotOf } from './keys.ts';
import type { RedisClient } from './options.ts';
import { sharedRun } from './shared-run.ts';

/** One server that takes writes. */
export interface Master {
  /** Names it, for as long as it is there. */
  readonly id: string;
  readonly connection: Connection;
}

/** The server or servers of one Redis. */
export interface Store {
  /**
   * Does something on the connection to the server that has this key; on another one when that server says so.
   *
   * @throws {RequestFailed}
   */
  at<T>(key: string, attempt: (connection: Connection) => Promise<T>): Promise<T>;
  /** The server that has this key, as far as is known. @throws {RequestFailed} */
  addressOf(key: string): Promise<string>;
  /** Those of now. @throws {RequestFailed} */
  masters(): Promise<readonly Master[]>;
  /** Something was wrong with a server: looks again which there are. */
  suspect(): void;
  close(): void;
}

/** How long a request waits for the connection to a server that is the only one, and to one of a cluster, in ms. */
const ONLY_PATIENCE_MS = 5_000;
const ONE_OF_MANY_PATIENCE_MS = 1_000;

/** One server. Whatever it is behind: a name that leads to another one after a failover, say. */
export const createServer = (dial: () => RedisClient): Store => {
  const connection = createConnection({ address: '', dial, patienceMs: ONLY_PATIENCE_MS });
  return {
    async at(_key, attempt) {
      try {
        return await attempt(connection);
      } catch (error) {
        // A replica, or one that was a primary: the name may lead to another one by now.
        if (error instanceof RequestFailed && codeOf(error.cause) === 'READONLY') connection.reset();
        throw error;
      }
    },
    addressOf: async () => '',
    masters: async () => [{ id: 'single', connection }],
    suspect() {},
    close: () => connection.close(),
  };
};

const MAX_REDIRECTS_COUNT = 5;
const REFRESH_EVERY_MS = 100;

/** A server of a cluster as `CLUSTER SLOTS` gives it. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly address: string;
  readonly id: string;
}

const readRanges = (reply: unknown, askedHost: string): readonly Range[] =>
  (Array.isArray(reply) ? (reply as unknown[][]) : []).map(([from, to, master]) => {
    const [host, port, id] = Array.isArray(master) ? (master as unknown[]) : [];
    // A server that does not know its own name sends none.
    const name = typeof host === 'string' && host !== '' && host !== '?' ? host : askedHost;
    return { from: Number(from), to: Number(to), address: `${name}:${port}`, id: String(id) };
  });

const hostOf = (address: string) => address.slice(0, address.lastIndexOf(':'));

/**
 * A Redis Cluster.
 *
 * @param options.dialRoots Dials servers that may be part of it; with the address of each.
 * @param options.dialAt Dials the server that the cluster calls so.
 */
export const createCluster = (options: {
  readonly roots: readonly { readonly address: string; readonly dial: () => RedisClient }[];
  readonly dialAt: (address: string) => RedisClient;
}): Store => {
  const { roots, dialAt } = options;
  const connections = new Map<string, Connection>();
  const rootConnections = new Map<string, Connection>();
  let ranges: readonly Range[] = [];
  /** Slots that were on the move when a server said so, until the next look. */
  const moved = new Map<number, string>();
  const closed = new AbortController();
  let refreshedAtMs = Number.NEGATIVE_INFINITY;

  const connect = (address: string, dial = () => dialAt(address)): Connection => {
    const known = connections.get(address);
    if (known !== undefined) return known;
    const made = createConnection({ address, dial, patienceMs: ONE_OF_MANY_PATIENCE_MS });
    connections.set(address, made);
    return made;
  };
  const rootOf = (root: (typeof roots)[number]): Connection => {
    const known = connections.get(root.address) ?? rootConnections.get(root.address);
    if (known !== undefined) return known;
    const made = createConnection({ ...root, patienceMs: ONE_OF_MANY_PATIENCE_MS });
    rootConnections.set(root.address, made);
    return made;
  };
  const dropRoots = () => {
    for (const connection of rootConnections.values()) connection.close();
    rootConnections.clear();
  };

  const refreshOnce = async () => {
    let failure: unknown = new RequestFailed(new Error('No server of the cluster was to be reached.'), false);
    const ready = [...connections.values()].filter(({ isReady }) => isReady);
    const asked = [...ready, ...roots.map((root) => () => rootOf(root))];
    for (const one of asked) {
      const connection = typeof one === 'function' ? one() : one;
      try {
        const found = readRanges(await connection.send(['CLUSTER', 'SLOTS']), hostOf(connection.address));
        if (found.length === 0) continue;
        ranges = found;
        moved.clear();
        const addresses = new Set(found.map(({ address }) => address));
        for (const [address, left] of connections)
          if (!addresses.has(address)) {
            connections.delete(address);
            left.close();
          }
        dropRoots();
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
  const refresh = sharedRun(() =>
    refreshOnce().finally(() => {
      refreshedAtMs = performance.now();
    }),
  );
  const suspect = () => {
    if (closed.signal.aborted || performance.now() - refreshedAtMs < REFRESH_EVERY_MS) return;
    refresh().catch(() => {}); // whoever needs a server is told
  };
  const rangeOf = (slot: number) => ranges.find(({ from, to }) => from <= slot && slot <= to);
  const addressOf = async (key: string): Promise<string> => {
    const slot = hashSlotOf(key);
    const known = moved.get(slot) ?? rangeOf(slot)?.address;
    if (known !== undefined) return known;
    await refresh();
    const address = rangeOf(slot)?.address;
    if (address === undefined) throw new RequestFailed(new Error('CLUSTERDOWN A slot has no server.'), false);
    return address;
  };
  /** Where the server sends us: `MOVED 3999 127.0.0.1:6381`. */
  const targetOf = (cause: unknown, from: Connection) => {
    const [, , place = ''] = (cause instanceof Error ? cause.message : '').split(' ');
    return place.startsWith(':') ? `${hostOf(from.address)}${place}` : place;
  };

  return {
    async at(key, attempt) {
      let connection = connect(await addressOf(key));
      let isAsking = false;
      for (let count = 0; ; count += 1) {
        try {
          const { send } = connection;
          return await attempt(isAsking ? { ...connection, send: (args) => send(args, true) } : connection);
        } catch (error) {
          const cause = error instanceof RequestFailed ? error.cause : error;
          const fate = fateOf(cause);
          if (fate !== 'moved' || count === MAX_REDIRECTS_COUNT) {
            if (fate !== 'refused') suspect();
            throw error;
          }
          const target = targetOf(cause, connection);
          isAsking = codeOf(cause) === 'ASK';
          if (!isAsking) {
            moved.set(hashSlotOf(key), target);
            suspect();
          }
          connection = connect(target);
        }
      }
    },
    addressOf,
    async masters() {
      await refresh();
      const byId = new Map(ranges.map(({ id, address }) => [id, address]));
      return [...byId].map(([id, address]) => ({ id, connection: connect(address) }));
    },
    suspect,
    close() {
      closed.abort();
      dropRoots();
      for (const connection of connections.values()) connection.close();
    },
  };
};
