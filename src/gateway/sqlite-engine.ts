import { createRequire } from 'node:module';
import type Database from 'libsql';
import { StatesocketError } from '../protocol/errors.ts';
import { EMPTY_POSITION } from '../protocol/extension.ts';
import { createDoorbells } from './doorbells.ts';
import type { Engine } from './engine.ts';
import { makePosition, numberOf } from './position.ts';
import { type Retention, retain } from './retention.ts';

interface LogRow {
  readonly count: number;
  readonly last: string;
}
interface EntryRow {
  readonly id: string;
  readonly prev: string;
  readonly text: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS statesocket_log (
    user_id TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS statesocket_entry (
    user_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    prev TEXT NOT NULL,
    text TEXT NOT NULL,
    appended_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, number)
  );
`;

/** Opens the file with what durability needs: a write-ahead log that is on the disk before an append resolves. */
const open = (file: string): Database.Database => {
  try {
    // Required here and not imported above: it loads native code, and a gateway on another engine does without it.
    const Libsql: typeof Database = createRequire(import.meta.url)('libsql');
    const database = new Libsql(file);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('busy_timeout = 5000');
    database.exec(SCHEMA);
    return database;
  } catch (cause) {
    throw new StatesocketError(
      'engine-failed',
      'The file of the sqlite engine cannot be opened, or libsql is not installed.',
      { cause },
    );
  }
};

/**
 * An engine that keeps the logs in one SQLite file, through `libsql`: for a gateway on one machine. What `append` has
 * resolved survives a killed process and a power cut. The file may also hold tables of yours; ours begin with `statesocket_`.
 *
 * One process only: a second one on the same file writes safely, but its doorbell is not heard here.
 *
 * @throws {StatesocketError} `engine-failed` when the file cannot be opened or `libsql` is not installed.
 * @example
 * const engine = sqliteEngine({ file: 'data/inbox.db', retention: { maxCount: 5000 } });
 */
export const sqliteEngine = (options: { readonly file: string; readonly retention?: Retention }): Engine => {
  const { maxCount, maxAgeMs } = retain(options.retention);
  const database = open(options.file);
  const doorbells = createDoorbells();

  const readLog = database.prepare('SELECT count, last FROM statesocket_log WHERE user_id = ?');
  const writeLog = database.prepare(
    `INSERT INTO statesocket_log (user_id, count, last) VALUES (?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET count = excluded.count, last = excluded.last`,
  );
  const insertEntry = database.prepare(
    'INSERT INTO statesocket_entry (user_id, number, id, prev, text, appended_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const dropBeyondCount = database.prepare('DELETE FROM statesocket_entry WHERE user_id = ? AND number <= ?');
  // Up to the first entry that is young enough, and no further: a wall clock that was set back must not tear a hole.
  const dropTooOld = database.prepare(
    `DELETE FROM statesocket_entry WHERE user_id = ?1 AND number <
       (SELECT min(number) FROM statesocket_entry WHERE user_id = ?1 AND appended_at >= ?2)`,
  );
  const readEntries = database.prepare(
    'SELECT id, prev, text FROM statesocket_entry WHERE user_id = ? AND number > ? ORDER BY number LIMIT ?',
  );

  let closed = false;
  const checkOpen = () => {
    // libsql itself goes on reading after close().
    if (closed) throw new StatesocketError('engine-failed', 'The engine is closed.');
  };
  const logOf = (userId: string): LogRow => {
    checkOpen();
    return (readLog.get(userId) as LogRow | undefined) ?? { count: 0, last: EMPTY_POSITION };
  };

  const appendAll = database.transaction((userId: string, texts: readonly string[]): readonly string[] => {
    let { count, last } = logOf(userId);
    const appendedAt = Date.now();
    const ids = texts.map((text) => {
      count += 1;
      const id = makePosition(count);
      insertEntry.run(userId, count, id, last, text, appendedAt);
      last = id;
      return id;
    });
    writeLog.run(userId, count, last);
    dropBeyondCount.run(userId, count - maxCount);
    dropTooOld.run(userId, appendedAt - maxAgeMs);
    return ids;
  });

  return {
    async append(userId, texts) {
      checkOpen();
      // `immediate`: it reads before it writes, and must not lose its place to another process in between.
      const ids = texts.length === 0 ? [] : appendAll.immediate(userId, texts);
      if (ids.length > 0) doorbells.ring(userId);
      return ids;
    },
    async readAfter(userId, position, limit) {
      if (position === logOf(userId).last) return [];
      const rows = readEntries.all(userId, numberOf(position), limit) as EntryRow[];
      // A position is known exactly when the entry after it names it as its predecessor.
      return rows[0]?.prev === position ? rows.map(({ id, prev, text }) => ({ id, prev, text })) : null;
    },
    async last(userId) {
      return logOf(userId).last;
    },
    subscribe: doorbells.subscribe,
    async close() {
      if (closed) return;
      closed = true;
      doorbells.clear();
      database.close();
    },
  };
};
