import type { Names } from '../../lib/unknown-names.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { Doorbell } from '../engine/doorbell.ts';
import { checkEngineNames, type EngineOptions } from '../engine/retention.ts';

/** What the engine asks of a client of `redis`: `createClient` makes one. */
export interface RedisClient {
  readonly isReady: boolean;
  readonly options?: { readonly socket?: object | undefined } | undefined;
  connect(): Promise<unknown>;
  sendCommand(args: string[]): Promise<unknown>;
  sSubscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  sUnsubscribe(channel: string): Promise<unknown>;
  on(event: 'ready' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (cause: Error) => void): unknown;
  on(event: 'sharded-channel-moved', listener: (channel: string) => void): unknown;
  duplicate(overrides?: object): RedisClient;
  destroy(): void;
  ref(): void;
  unref(): void;
}

/** How each server of a cluster is dialled: the options of `createClient` that are the same for all. */
export interface ServerOptions {
  readonly username?: string;
  readonly password?: string;
  /** As `createClient` takes it: `{ tls: true, ca }`, say. */
  readonly socket?: object;
}

/** A Redis Cluster, as `createCluster` of `redis` takes it. */
export interface ClusterOptions {
  /** Some of its servers; the others are found through them. */
  readonly rootNodes: readonly { readonly url?: string; readonly socket?: object }[];
  /** What holds for each server. @default what the first of `rootNodes` says of the login and of TLS */
  readonly defaults?: ServerOptions;
  /** Where a server is that names itself `host:port`: for clusters behind an address translation. */
  readonly nodeAddressMap?: (address: string) => { readonly host: string; readonly port: number } | undefined;
}

/** What the redis engine takes: an address, a cluster, or a client of the app's, and whatever else differs from the defaults. */
export interface RedisEngineOptions extends EngineOptions {
  /** Where the server is: `redis://user:password@host:6379`, or `rediss://` for TLS. This, `cluster` or `client`. */
  readonly url?: string;
  /** A Redis Cluster. This, `url` or `client`. */
  readonly cluster?: ClusterOptions;
  /**
   * A client that `createClient` has made. The engine makes its own connections with that client's options, and leaves the
   * client itself alone. This, `url` or `cluster`.
   */
  readonly client?: RedisClient;
  /** What the names of all keys and channels begin with. Lower case letters, digits, `_`, `-`, `.` and `:`. @default statesocket */
  readonly prefix?: string;
  /** How many replicas must have a write before it resolves (WAIT). Too few within 2 s: the call fails. @default 0 */
  readonly waitForReplicas?: number;
  /**
   * Redis never loses what it has confirmed: `appendfsync always`, and no failover to a replica that may be behind. Without it each
   * restart and each failover of Redis is a discontinuity for all users, since nobody can know what it has lost.
   * @default false
   */
  readonly lossless?: boolean;
  /** Rings in place of the engine's own doorbell. It needs `ring`. */
  readonly doorbell?: Doorbell;
}

const MORE: Names<Omit<RedisEngineOptions, keyof EngineOptions>> = {
  url: true,
  cluster: true,
  client: true,
  prefix: true,
  waitForReplicas: true,
  lossless: true,
  doorbell: true,
};

const bad = (what: string): never => {
  throw new StatesocketError('bad-option', what);
};

/** Throws for options that cannot be. @throws {StatesocketError} `bad-option`. */
export const checkRedisOptions = (options: RedisEngineOptions): void => {
  checkEngineNames('redisEngine', options, MORE);
  const { url, cluster, client, prefix = 'statesocket', waitForReplicas = 0, lossless = false } = options;
  const isAddress = typeof url === 'string' && /^rediss?:\/\/./.test(url);
  const isCluster = Array.isArray(cluster?.rootNodes) && cluster.rootNodes.length > 0;
  const isClient = typeof client?.duplicate === 'function' && typeof client.sSubscribe === 'function';
  const given = [url, cluster, client].filter((one) => one !== undefined).length;
  if (given !== 1 || !(isAddress || isCluster || isClient))
    bad(
      "redisEngine needs one of these: a url, such as 'redis://localhost:6379'; a cluster with its rootNodes; or a client that createClient of the package redis has made.",
    );
  if (typeof prefix !== 'string' || !/^[a-z0-9_.:-]{1,40}$/.test(prefix))
    bad('prefix must be 1 to 40 lower case letters, digits, _, -, . and :.');
  if (!Number.isSafeInteger(waitForReplicas) || waitForReplicas < 0)
    bad('waitForReplicas must be a whole number from 0.');
  if (typeof lossless !== 'boolean') bad('lossless must be true or false.');
};
