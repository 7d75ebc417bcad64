import { createClient, type RedisClientOptions } from 'redis';
import type { RedisClient, RedisEngineOptions } from './options.ts';
import { createCluster, createServer, type Store } from './store.ts';

const CONNECT_DEADLINE_MS = 3_000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 500;
const reconnectStrategy = (retries: number): number => Math.min(FIRST_RETRY_MS * 2 ** retries, MAX_RETRY_MS);

/** The engine waits and repeats by itself: it knows what may be done twice. */
/** Without the client's own deadline, which is a timer for each command: the connection has one for all. */
const OVERRIDES = {
  RESP: 2,
  disableOfflineQueue: true,
  maintNotifications: 'disabled',
  commandOptions: { timeout: 0 },
} as const;

/** How the servers are dialled. */
export interface Dialling {
  readonly store: Store;
  /** A connection that listens to one server, by its address as the store knows it. It is not made again when it is lost. */
  listen(address: string): RedisClient;
}

const hostAndPort = (address: string) => {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
};

type SocketOptions = NonNullable<RedisClientOptions['socket']>;
const socketOf = (socket: object | undefined, isListener: boolean): SocketOptions => ({
  ...socket,
  connectTimeout: CONNECT_DEADLINE_MS,
  ...(isListener ? { reconnectStrategy: false } : { reconnectStrategy }),
});

type Made = Omit<RedisClientOptions, 'url'> & { readonly url?: string | undefined };
const make = ({ url, ...options }: Made, isListener: boolean): RedisClient =>
  createClient({
    ...options,
    ...OVERRIDES,
    ...(url !== undefined && { url }),
    socket: socketOf(options.socket, isListener),
  });

const dialCluster = ({
  rootNodes,
  defaults = {},
  nodeAddressMap,
}: NonNullable<RedisEngineOptions['cluster']>): Dialling => {
  const [first] = rootNodes;
  // What the address of a root says of the login and of TLS holds for all.
  const url = first?.url === undefined ? undefined : new URL(first.url);
  const common: RedisClientOptions = {
    ...(url?.username && { username: decodeURIComponent(url.username) }),
    ...(url?.password && { password: decodeURIComponent(url.password) }),
    ...defaults,
  };
  const isTls = url?.protocol === 'rediss:';
  const at = (address: string, isListener: boolean) => {
    const place = nodeAddressMap?.(address) ?? hostAndPort(address);
    const socket = { ...defaults.socket, ...first?.socket, ...(isTls && { tls: true }), ...place };
    return make({ ...common, socket: socket as SocketOptions }, isListener);
  };
  const roots = rootNodes.map(({ url: rootUrl, socket }) => {
    const named = rootUrl === undefined ? undefined : new URL(rootUrl);
    const address = named
      ? `${named.hostname}:${named.port || 6379}`
      : `${Reflect.get(socket ?? {}, 'host') ?? 'localhost'}:${Reflect.get(socket ?? {}, 'port') ?? 6379}`;
    const own = { ...defaults.socket, ...socket } as SocketOptions;
    return { address, dial: () => make({ ...common, url: rootUrl, socket: own }, false) };
  });
  return {
    store: createCluster({ roots, dialAt: (address) => at(address, false) }),
    listen: (address) => at(address, true),
  };
};

/** Dials what the options name. */
export const dialStore = ({ url, cluster, client }: RedisEngineOptions): Dialling => {
  if (cluster !== undefined) return dialCluster(cluster);
  const dial = (isListener: boolean) => {
    if (client === undefined) return make({ url }, isListener);
    return client.duplicate({
      ...OVERRIDES,
      clientSideCache: undefined,
      socket: socketOf(client.options?.socket, isListener),
    });
  };
  return { store: createServer(() => dial(false)), listen: () => dial(true) };
};
