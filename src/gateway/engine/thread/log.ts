import type Database from 'libsql';
import { EMPTY_POSITION } from '../../../protocol/extension.ts';
import type { Mark } from '../log.ts';
import { makePosition, numberOf } from '../position.ts';
import type { Retention } from '../retention.ts';
import { fromStored, toStored } from '../stored-text.ts';
import type { Slots } from './calls.ts';

/** How many entries of users who get nothing new are forgotten in one transaction of somebody else's. */
const FORGOTTEN_AT_ONCE_COUNT = 100;

interface LogRow {
  readonly count: number;
  readonly last: string;
  /** When the first entry that is kept was appended; null: none is. */
  readonly firstAt: number | null;
}
interface EntryRow {
  readonly id: string;
  readonly prev: string;
  readonly text: string;
}

/** The logs and marks. */
export interface Logs extends Slots<'append' | 'readAfter' | 'last'> {
  /** Forgets the marks that were touched before this moment of the age clock. */
  forgetMarks(beforeMs: number): void;
  /** Forgets entries that were appended before this moment, whoever's they are: the oldest ones, some at a time. */
  forgetEntries(beforeMs: number): void;
}

/** @param options.age Takes the server's clock and gives the clock by which ages are counted. */
export const createLogs = (
  database: Database.Database,
  options: Required<Retention> & { readonly age: (wallMs: number) => number },
): Logs => {
  const { maxCount, maxAgeMs, age } = options;
  const readLog = database.prepare(
    `SELECT count, last, (SELECT appended_at FROM statesocket_entry AS entry
       WHERE entry.user_id = log.user_id ORDER BY number LIMIT 1) AS firstAt
     FROM statesocket_log AS log WHERE user_id = ?`,
  );
  const readLast = database.prepare('SELECT last FROM statesocket_log WHERE user_id = ?');
  const writeLog = database.prepare(
    `INSERT INTO statesocket_log (user_id, count, last) VALUES (?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET count = excluded.count, last = excluded.last`,
  );
  const insertEntry = database.prepare(
    'INSERT INTO statesocket_entry (user_id, number, id, prev, text, appended_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const dropBeyondCount = database.prepare('DELETE FROM statesocket_entry WHERE user_id = ? AND number <= ?');
  // Up to the first entry that is young enough, and no further: a hole would look like a lost message. Versions before the
  // age clock wrote the wall clock, which may have been set back in between.
  const dropTooOld = database.prepare(
    `DELETE FROM statesocket_entry WHERE user_id = ?1 AND number <
       (SELECT min(number) FROM statesocket_entry WHERE user_id = ?1 AND appended_at >= ?2)`,
  );
  const OLDEST = `(SELECT rowid AS row, appended_at AS at FROM statesocket_entry ORDER BY rowid LIMIT ${FORGOTTEN_AT_ONCE_COUNT})`;
  const dropOldest = database.prepare(
    `DELETE FROM statesocket_entry WHERE rowid < coalesce(
       (SELECT min(row) FROM ${OLDEST} WHERE at >= ?),
       (SELECT max(row) + 1 FROM ${OLDEST}))`,
  );
  const readEntries = database.prepare(
    'SELECT id, prev, text FROM statesocket_entry WHERE user_id = ? AND number > ? ORDER BY number LIMIT ?',
  );
  const raiseMark = database.prepare(
    `INSERT INTO statesocket_mark (user_id, origin, n, touched_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, origin) DO UPDATE SET n = excluded.n, touched_at = excluded.touched_at
     WHERE excluded.n > n`,
  );
  const dropOldMarks = database.prepare('DELETE FROM statesocket_mark WHERE touched_at < ?');

  const lastOf = (user: string): string =>
    (readLast.get(user) as { last: string } | undefined)?.last ?? EMPTY_POSITION;
  const isRepeat = (user: string, { origin, n }: Mark, ageMs: number): boolean =>
    raiseMark.run(user, toStored(origin), n, ageMs).changes === 0;

  return {
    append(userId, texts, suffixes, mark, wallMs) {
      const user = toStored(userId);
      const ageMs = age(wallMs);
      if (mark !== undefined && isRepeat(user, mark, ageMs)) return 'repeat';
      const log = readLog.get(user) as LogRow | undefined;
      let { count, last } = log ?? { count: 0, last: EMPTY_POSITION };
      const ids = texts.map((text, at) => {
        count += 1;
        const id = makePosition(count, suffixes[at] ?? '');
        insertEntry.run(user, count, id, last, toStored(text), ageMs);
        last = id;
        return id;
      });
      writeLog.run(user, count, last);
      if (count > maxCount) dropBeyondCount.run(user, count - maxCount);
      if ((log?.firstAt ?? ageMs) < ageMs - maxAgeMs) dropTooOld.run(user, ageMs - maxAgeMs);
      return ids;
    },
    readAfter(userId, position, limit) {
      const user = toStored(userId);
      if (position === lastOf(user)) return [];
      const rows = readEntries.all(user, numberOf(position), limit) as EntryRow[];
      // A position is known exactly when the entry after it names it as its predecessor.
      if (rows[0]?.prev !== position) return null;
      return rows.map(({ id, prev, text }) => ({ id, prev, text: fromStored(text) }));
    },
    last: (userId) => lastOf(toStored(userId)),
    forgetEntries: (beforeMs) => void dropOldest.run(beforeMs),
    forgetMarks: (beforeMs) => void dropOldMarks.run(beforeMs),
  };
};
