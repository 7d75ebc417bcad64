import type { StoredEntry } from './outbox-store.ts';

/** One change to what is stored. */
export type OutboxWrite = { readonly put: StoredEntry } | { readonly remove: StoredEntry };

/** The outboxes of all users of this origin, in one IndexedDB database. Every promise may reject. */
export interface OutboxDatabase {
  entriesOf(userId: string): Promise<readonly StoredEntry[]>;
  /** All of them or none. Resolves when they are stored; they outlive the page, not always a power cut. */
  write(writes: readonly OutboxWrite[]): Promise<void>;
  /** What is under way ends first. Does not throw. */
  close(): void;
}

const DATABASE_NAME = 'statesocket';
const DATABASE_VERSION = 1;
const STORE = 'outbox';
const BY_USER = 'by-user';

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const endOf = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

/**
 * Opens the database at its first use, and again when the browser has taken it away.
 *
 * @param factory looked up at each opening; a server has none.
 * @param onLost called when the browser took it away: a person cleared it, or it was deleted or upgraded elsewhere.
 */
export const createOutboxDatabase = (
  factory: () => IDBFactory | undefined,
  onLost: () => void,
): OutboxDatabase => {
  let opening: Promise<IDBDatabase> | null = null;

  const open = async (): Promise<IDBDatabase> => {
    const indexedDB = factory();
    if (indexedDB === undefined) throw new Error('This platform has no IndexedDB.');
    const request = indexedDB.open(DATABASE_NAME, DATABASE_VERSION);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: 'key' });
      store.createIndex(BY_USER, 'userId');
    };
    const database = await answerOf(request);
    const lost = (): void => {
      opening = null;
      onLost();
    };
    database.onclose = lost;
    database.onversionchange = () => {
      // Whoever wants to delete or upgrade it waits for this.
      database.close();
      lost();
    };
    return database;
  };

  const transact = async (mode: IDBTransactionMode): Promise<IDBTransaction> => {
    opening ??= open();
    try {
      return (await opening).transaction(STORE, mode);
    } catch (cause) {
      opening = null;
      throw cause;
    }
  };

  return {
    async entriesOf(userId) {
      const transaction = await transact('readonly');
      return answerOf<StoredEntry[]>(transaction.objectStore(STORE).index(BY_USER).getAll(userId));
    },
    async write(writes) {
      const transaction = await transact('readwrite');
      const done = endOf(transaction);
      const store = transaction.objectStore(STORE);
      try {
        for (const write of writes) {
          if ('put' in write) store.put(write.put);
          else store.delete(write.remove.key);
        }
      } catch (cause) {
        // What cannot be cloned throws at once, and what came before it would be committed.
        done.catch(() => {});
        transaction.abort();
        throw cause;
      }
      await done;
    },
    close() {
      // One that did not open needs no closing: whoever used it was told why.
      opening?.then((database) => database.close()).catch(() => {});
      opening = null;
    },
  };
};
