import type { OutboxStore, StoredEntry } from '../../actors/outbox-store.ts';

/** Keeps entries as long as the page lives, for each user apart. One page uses it, one session at a time. */
export const createMemoryStore = (): OutboxStore => {
  const byKey = new Map<string, StoredEntry>();
  return {
    outlivesPage: false,
    open({ userId, adopt }) {
      const byClient = new Map<string, StoredEntry[]>();
      for (const entry of byKey.values()) {
        if (entry.userId !== userId) continue;
        const entries = byClient.get(entry.clientId);
        if (entries === undefined) byClient.set(entry.clientId, [entry]);
        else entries.push(entry);
      }
      for (const entries of byClient.values()) adopt(entries);
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
