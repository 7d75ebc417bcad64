import type { ProvideProgram as Provide } from './programs.mjs';

export declare const needPostgres: (provide?: Provide) => string;
export declare const needPgBouncer: (provide?: Provide) => string;
export declare const findFreePort: () => Promise<number>;
export declare const makePostgresTemplate: () => { readonly folder: string; remove(): void };

export interface PostgresServer {
  readonly port: number;
  readonly data: string;
  url(database?: string): string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  signalAll(signal: NodeJS.Signals): void;
  saveFiles(): () => void;
  remove(): Promise<void>;
}
export declare const startPostgres: (options: {
  readonly template: string;
  readonly settings?: Readonly<Record<string, string | number>>;
}) => Promise<PostgresServer>;
/** A streaming replica, which takes what is new from `fromPort`. @default the server itself */
export declare const startPostgresReplica: (server: {
  readonly port: number;
  readonly fromPort?: number;
  readonly settings?: Readonly<Record<string, string | number>>;
}) => Promise<PostgresServer>;
export declare const startPgBouncer: (server: { readonly port: number }) => Promise<{
  url(database?: string): string;
  remove(): Promise<void>;
}>;
