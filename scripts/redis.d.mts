import type { ProvideProgram as Provide } from './programs.mjs';

type Settings = Readonly<Record<string, string | number>>;

export declare const needRedis: (provide?: Provide) => string;
export declare const redisCli: (port: number, ...args: string[]) => string;

export interface RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly url: string;
  /** Runs a command by redis-cli. The text that it prints. */
  cli(...args: string[]): string;
  /** @param isUp What it says when it has started. @default that it takes connections */
  start(more?: Settings, isUp?: RegExp): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  saveFiles(): () => void;
  signal(signal: NodeJS.Signals): void;
  remove(): Promise<void>;
}
export declare const startRedis: (options?: { readonly settings?: Settings }) => Promise<RedisServer>;
export declare const startReplica: (
  primary: Pick<RedisServer, 'port'>,
  options?: { readonly settings?: Settings },
) => Promise<RedisServer>;

export interface RedisClusterServers {
  readonly servers: readonly RedisServer[];
  readonly rootNodes: readonly { readonly url: string }[];
  remove(): Promise<void>;
}
export declare const startRedisCluster: (options?: {
  readonly replicasCount?: number;
  readonly settings?: Settings;
}) => Promise<RedisClusterServers>;
