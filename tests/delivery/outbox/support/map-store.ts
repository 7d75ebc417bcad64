import type { OutboxStore, StoredEntry } from '../../../../src/actors/outbox-store.ts';

/** A store that answers at once. A session's entries are for the next one of that user. */
export const createMapStore = (): OutboxStore => {
  const byKey = new Map<string, StoredEntry>();
  return {
    open({ userId, adopt }) {
      const own = [...byKey.values()].filter((entry) => entry.userId === userId);
      for (const clientId of new Set(own.map((entry) => entry.clientId)))
        adopt(own.filter((entry) => entry.clientId === clientId));
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
        close() {},
      };
    },
  };
};
