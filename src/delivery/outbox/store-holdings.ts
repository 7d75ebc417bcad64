import type { StoredEntry, StoreSession } from '../../actors/outbox-store.ts';

/** A session of the store, and the clientIds whose locks it may hold: the one it was opened under, and what it has adopted. */
export interface Opened {
  readonly session: StoreSession;
  readonly clients: Set<string>;
}

/** An entry, and the last put of it: what comes of earlier ones does not count. 0: none. */
export interface Owned {
  readonly entry: StoredEntry;
  readonly lastPut: number;
}

/** What one page speaks for in the store of a user, and what of it other pages may not have yet. */
export interface StoreHoldings {
  /** What it has, by key. */
  readonly owned: Map<string, Owned>;
  /** Which of it the store does not have as it is. */
  readonly unstored: Set<string>;
  /** The clientIds of each write that is under way. */
  readonly unsettled: Set<readonly string[]>;
  /** The one that is written to, and those before it that hold something still. */
  readonly opened: Set<Opened>;
  /** The clientIds that are being written. */
  writtenNow(): ReadonlySet<string>;
  /** The clientIds that no other page may have yet. */
  heldNow(): ReadonlySet<string>;
  /** All that it may have the lock of. */
  allClients(): ReadonlySet<string>;
}

/** @param clientId The name under which the session numbers. */
export const createHoldings = (clientId: string): StoreHoldings => {
  const owned = new Map<string, Owned>();
  const unstored = new Set<string>();
  const unsettled = new Set<readonly string[]>();
  const opened = new Set<Opened>();
  const writtenNow = (): ReadonlySet<string> => new Set([...unsettled].flat());
  const heldNow = (): ReadonlySet<string> => {
    const parted = [...unstored.keys()].flatMap((key) => owned.get(key)?.entry.clientId ?? []);
    const held = [...writtenNow(), ...parted];
    return new Set(held.length === 0 ? [] : [clientId, ...held]);
  };
  const allClients = (): ReadonlySet<string> => {
    const adopted = [...opened].flatMap(({ clients }) => [...clients]);
    return new Set([clientId, ...adopted, ...[...owned.values()].map(({ entry }) => entry.clientId)]);
  };
  return { owned, unstored, unsettled, opened, writtenNow, heldNow, allClients };
};
