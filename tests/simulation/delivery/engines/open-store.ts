import type { Parts } from '../parts.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Shards } from '../shards.ts';
import type { EngineKind, StoreModel } from './engine-kind.ts';
import { createServerStore } from './server-kinds.ts';
import { createFileStore } from './sqlite-kind.ts';

const nothing = () => {};

/** The store of a plan. Without a kind: each call takes effect as it comes, and each node is alone. */
export const openStore = (options: {
  readonly kind: EngineKind | undefined;
  readonly parts: Parts;
  readonly scheduler: Scheduler;
  readonly shards: Shards;
  readonly latencyOf: (name: string) => () => number;
}): StoreModel => {
  const { kind, parts, shards } = options;
  if (kind === 'sqlite') return createFileStore({ ...options, groupsOf: parts.fileGroups });
  if (kind !== undefined) return createServerStore({ ...options, kind });
  return {
    open: () => ({ engine: shards.engine, suffer: nothing, deafen: nothing }),
    standStill: nothing,
    goDown: nothing,
    failOver: nothing,
    holdSlot: nothing,
    fill: nothing,
    ringLate: nothing,
    heal: nothing,
  };
};
