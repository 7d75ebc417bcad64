import type { OutboxStore, StoredEntry } from '../../../../src/actors/outbox-store.ts';

/** A store that answers at once. A session's entries are for the next one of that user, but for clientIds that are held. */
export const createMapStore = (): OutboxStore => {
  const byKey = new Map<string, StoredEntry>();
  let held: ReadonlySet<string> = new Set();
  return {
    open({ userId, adopt }) {
      const free = [...byKey.values()].filter(
        (entry) => entry.userId === userId && !held.has(entry.clientId),
      );
      for (const clientId of new Set(free.map((entry) => entry.clientId)))
        adopt(free.filter((entry) => entry.clientId === clientId));
      return {
        loaded: undefined,
        exclusive: true,
        put(entry) {
          byKey.set(entry.key, entry);
          return undefined;
        },
        remove(entries) {
          for (const { key } of entries) byKey.delete(key);
          return undefined;
        },
        close(kept) {
          held = kept;
        },
      };
    },
  };
};
