import { createOutboxDatabase, type OutboxWrite } from './outbox-database.ts';
import type { StoredEntry } from './outbox-store.ts';
import { createOutboxWriter } from './outbox-writer.ts';

/** When to write again what the browser took away. */
const RESTORE_DELAYS_MS = [0, 100, 1_000, 10_000];

export interface KeptEntriesOptions {
  readonly indexedDB: () => IDBFactory | undefined;
  /** Whether nobody else may send what is stored: no page finds an entry without those before it. */
  readonly isExclusive: () => boolean;
  /** Nothing is written before. */
  readonly ready: Promise<unknown>;
  /** Aborts when the session is over. */
  readonly signal: AbortSignal;
}

/** What a session keeps. It is written again if the browser takes the database away. */
export interface KeptEntries {
  put(entry: StoredEntry): Promise<void>;
  remove(entries: readonly StoredEntry[]): Promise<void>;
  /** Takes over entries that are stored already. */
  take(entries: readonly StoredEntry[]): void;
  /** All that is stored for a user, by whichever page. */
  stored(userId: string): Promise<readonly StoredEntry[]>;
  /** Resolves when nothing is left to write. */
  idle(): Promise<void>;
  close(): void;
}

export const createKeptEntries = ({
  indexedDB,
  isExclusive,
  ready,
  signal,
}: KeptEntriesOptions): KeptEntries => {
  const kept = new Map<string, StoredEntry>();
  /** Keys of `kept` that the browser took away; without locks, also those that had no room. */
  const missing = new Set<string>();
  const database = createOutboxDatabase(indexedDB, () => {
    for (const key of kept.keys()) missing.add(key);
    void restore();
  });
  const missed = (): readonly StoredEntry[] => [...missing].flatMap((key) => kept.get(key) ?? []);
  const write = async (writes: readonly OutboxWrite[], isRetry: boolean): Promise<void> => {
    const puts = writes.flatMap((each) => ('put' in each ? [each.put] : []));
    // Without locks another page may send what it finds: none is there without those before it. Taking out still works.
    const owed = isExclusive() || puts.length === 0 ? [] : missed();
    if (isRetry && owed.length > 0) throw new Error('There was no room for what was put before it.');
    const again = [...owed, ...puts].filter(({ key }) => missing.delete(key));
    try {
      await database.write([...owed.map((put) => ({ put })), ...writes]);
    } catch (cause) {
      for (const { key } of again) if (kept.has(key)) missing.add(key);
      throw cause;
    }
  };
  const refused = (writes: readonly OutboxWrite[]): void => {
    if (isExclusive()) return;
    for (const each of writes) if ('put' in each && kept.has(each.put.key)) missing.add(each.put.key);
  };
  const writer = createOutboxWriter(write, refused, ready);
  /** While a browser is clearing, it refuses to open what it clears (Chromium: AbortError). */
  const restore = async (): Promise<void> => {
    for (const delayMs of RESTORE_DELAYS_MS) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (signal.aborted || missing.size === 0) return;
      // A failure has nobody to tell here. Without locks the next write of an entry tries again, and that one has.
      await Promise.all(missed().map((put) => writer.add([{ put }]).catch(() => {})));
    }
  };

  return {
    put(entry) {
      kept.set(entry.key, entry);
      return writer.add([{ put: entry }]);
    },
    remove(entries) {
      for (const { key } of entries) {
        kept.delete(key);
        missing.delete(key);
      }
      return writer.add(entries.map((remove) => ({ remove })));
    },
    take(entries) {
      for (const entry of entries) if (!kept.has(entry.key)) kept.set(entry.key, entry);
    },
    stored: database.entriesOf,
    idle: writer.idle,
    close: database.close,
  };
};
