import type { Engine } from '../../../../src/gateway/engine/engine.ts';
import type { Host } from '../host.ts';

/** Whose transactions a store has. A plan without a kind has a store that takes each call at once, as `memoryEngine` does. */
export type EngineKind = 'sqlite' | 'postgres' | 'redis';
export const ENGINE_KINDS: readonly EngineKind[] = ['sqlite', 'postgres', 'redis'];

/** What may happen to the next requests of one node. Nothing was done, but where a reply is lost. */
export type Mishap =
  | 'request lost'
  | 'reply lost'
  | 'deadlock'
  | 'serialisation failure'
  | 'statement timeout';

/** The engine of one gateway process: what is in that process. */
export interface NodeStore {
  readonly engine: Engine;
  /** The next requests of this node end like this. */
  suffer(mishap: Mishap, count: number): void;
  /** What the nodes say to each other does not reach this one, and nothing that it says reaches others. */
  deafen(isDeaf: boolean): void;
}

/** The store behind all nodes, and what may go wrong with it. */
export interface StoreModel {
  open(host: Host): NodeStore;
  /** Nothing is answered, and nothing is lost: SIGSTOP, a disk that hangs, a lock that another program holds. */
  standStill(ms: number): void;
  /** Every connection is lost with what is under way, and for this long there is none to be had. */
  goDown(ms: number): void;
  /** As `goDown`; who comes back has not heard of the newest changes. */
  failOver(ms: number, lostCount: number): void;
  /** Another transaction has the slot of this user. */
  holdSlot(user: string, ms: number): void;
  /** Writes fail, each with this word; reads go on. */
  fill(isFull: boolean): void;
  /** Doorbells and what nodes say take this much longer. */
  ringLate(ms: number): void;
  heal(): void;
}
