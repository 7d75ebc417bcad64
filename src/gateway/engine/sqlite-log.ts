import type Database from 'libsql';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Engine, Entry, Mark } from './engine.ts';
import { makePosition, numberOf } from './position.ts';
import { MARK_AGE_MS, type Retention } from './retention.ts';

interface LogRow {
  readonly count: number;
  readonly last: string;
}
interface EntryRow {
  readonly id: string;
  readonly prev: string;
  readonly text: string;
}

/** The logs and marks of the sqlite engine, synchronous as libsql is. */
export interface SqliteLog {
  append(userId: string, texts: readonly string[], mark?: Mark): Awaited<ReturnType<Engine['append']>>;
  readAfter(userId: string, position: string, limit: number): readonly Entry[] | null;
  last(userId: string): string;
}

export const createSqliteLog = (
  database: Database.Database,
  options: Required<Retention> & { readonly now: () => number; readonly suffix: () => string },
): SqliteLog => {
  const { maxCount, maxAgeMs, now, suffix } = options;
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
  const readMark = database.prepare('SELECT n FROM statesocket_mark WHERE user_id = ? AND origin = ?');
  const writeMark = database.prepare(
    `INSERT INTO statesocket_mark (user_id, origin, n, touched_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, origin) DO UPDATE SET n = excluded.n, touched_at = excluded.touched_at`,
  );
  const dropOldMarks = database.prepare('DELETE FROM statesocket_mark WHERE touched_at < ?');

  const logOf = (userId: string): LogRow =>
    (readLog.get(userId) as LogRow | undefined) ?? { count: 0, last: EMPTY_POSITION };

  const isRepeat = (userId: string, { origin, n }: Mark): boolean => {
    const row = readMark.get(userId, origin) as { n: number } | undefined;
    return row !== undefined && n <= row.n;
  };

  const append = database.transaction((userId: string, texts: readonly string[], mark?: Mark) => {
    const at = now();
    if (mark !== undefined) {
      if (isRepeat(userId, mark)) return 'repeat';
      writeMark.run(userId, mark.origin, mark.n, at);
      dropOldMarks.run(at - MARK_AGE_MS);
    }
    let { count, last } = logOf(userId);
    const ids = texts.map((text) => {
      count += 1;
      const id = makePosition(count, suffix());
      insertEntry.run(userId, count, id, last, text, at);
      last = id;
      return id;
    });
    writeLog.run(userId, count, last);
    dropBeyondCount.run(userId, count - maxCount);
    dropTooOld.run(userId, at - maxAgeMs);
    return ids;
  });

  return {
    // `immediate`: it reads before it writes, and must not lose its place to another process in between.
    append: append.immediate,
    readAfter(userId, position, limit) {
      if (position === logOf(userId).last) return [];
      const rows = readEntries.all(userId, numberOf(position), limit) as EntryRow[];
      // A position is known exactly when the entry after it names it as its predecessor.
      return rows[0]?.prev === position ? rows.map(({ id, prev, text }) => ({ id, prev, text })) : null;
    },
    last: (userId) => logOf(userId).last,
  };
};
