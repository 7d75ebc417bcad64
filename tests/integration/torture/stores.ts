import type { Engine } from '../../../src/gateway/engine/engine.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openRedisStore } from './redis-store.ts';

/** What a node of the torture has behind it: the engine, and the app's own rows beside it. */
export interface NodeStore {
  readonly engine: Engine;
  /** What the app has of a user's messages, as `ref:part`, after this place. */
  messagesSince(
    user: string,
    place: number,
  ): Promise<{ readonly names: readonly string[]; readonly place: number }>;
  /** Adds a row to the app's outbox. */
  addAnnouncement(): Promise<void>;
  dueAnnouncements(): Promise<readonly { readonly row: number; readonly ref: string }[]>;
  announced(row: number): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  readonly maxCount: number;
  readonly users: readonly string[];
  /** Where the app has its messages, if not in the store. */
  readonly historyUrl: string;
}

export const openStore = async (name: string, options: StoreOptions): Promise<NodeStore> => {
  if (name === 'postgres') return openPostgresStore(options);
  if (name === 'redis') return openRedisStore(options);
  throw new RangeError(`There is no store "${name}".`);
};
