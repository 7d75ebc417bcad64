import type { PostgresServer } from './postgres.mjs';
import type { RedisServer } from './redis.mjs';

/** One server of RednGift. It keeps its ports when it is started again. */
export interface ClusterNode {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  readonly opsUrl: string;
  /** Null: it does not run. */
  readonly pid: number | null;
  /** All that it has printed. */
  output(): string;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. The exit code, or the signal that ended it; null: it did not run. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  metrics(): Promise<string>;
  isReady(): Promise<boolean>;
}

export interface Cluster {
  /** Where people go: nginx, or the first server. */
  readonly url: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer | null;
  readonly nodes: readonly ClusterNode[];
  close(): Promise<void>;
}

/** Starts RednGift on several servers of this machine. What was begun is taken down again where it fails. */
export declare const startCluster: (options?: {
  /** @default 3 */
  readonly nodeCount?: number;
  /** Where nginx listens. @default any free port */
  readonly port?: number;
  /** @default true */
  readonly isBehindNginx?: boolean;
  /** Starts a Redis for the logs. @default none: they are in Postgres */
  readonly startRedis?: () => Promise<RedisServer>;
  /** The folder of a template of Postgres. @default one is made */
  readonly postgresTemplate?: string;
  /** More environment variables of the servers. */
  readonly env?: Readonly<Record<string, string>>;
  readonly say?: (line: string) => void;
}) => Promise<Cluster>;
