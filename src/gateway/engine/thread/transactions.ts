import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import type Database from 'libsql';
import { MARK_AGE_MS } from '../retention.ts';
import type { ThreadData } from './calls.ts';
import { createDecisions } from './decisions.ts';
import { failureOf } from './failure.ts';
import { watchFile } from './file-watch.ts';
import { createForgetting } from './forgetting.ts';
import type { Transactions } from './groups.ts';
import { createLogs } from './log.ts';
import { createShrinking } from './shrinking.ts';
import { openStoredClock } from './stored-clock.ts';
import { openTables } from './tables.ts';

/**
 * Makes the file where there is none, for its owner alone: messages are in it. SQLite gives the files beside it the same rights.
 *
 * A file that is there is not opened: closing it would end all locks that this process has on it, those of another engine too
 * (sqlite.org/howtocorrupt.html, 2.2).
 */
const makeFile = (file: string) => {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) closeSync(openSync(file, 'wx', 0o600));
  else if (stats.isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
  else accessSync(file, constants.W_OK);
};

/** Opens the database of the engine. Throws what SQLite or the system throws. */
export const openTransactions = (
  Libsql: typeof Database,
  { file, wallMs, maxCount, maxAgeMs }: ThreadData,
): { readonly transactions: Transactions; readonly close: () => void } => {
  makeFile(file);
  const database = openTables(Libsql, file);
  const clock = openStoredClock(database, wallMs);
  const { forgetMarks, forgetEntries, ...logs } = createLogs(database, {
    maxCount,
    maxAgeMs,
    age: clock.advance,
  });
  const { forgetClients, ...decisions } = createDecisions(database, { age: clock.advance });
  const oldestOf = (sql: string) => {
    const statement = database.prepare(sql);
    return () => (statement.get() as { at: number | null } | undefined)?.at ?? null;
  };
  const forgettings = [
    createForgetting({
      keepMs: MARK_AGE_MS,
      readOldest: oldestOf('SELECT min(touched_at) AS at FROM statesocket_mark'),
      drop: forgetMarks,
    }),
    createForgetting({
      keepMs: MARK_AGE_MS,
      readOldest: oldestOf('SELECT min(touched_at) AS at FROM statesocket_client'),
      drop: forgetClients,
    }),
    createForgetting({
      keepMs: maxAgeMs,
      // Rows are numbered in the order in which they came.
      readOldest: oldestOf('SELECT appended_at AS at FROM statesocket_entry ORDER BY rowid LIMIT 1'),
      drop: forgetEntries,
    }),
  ];
  const shrink = createShrinking(database);
  // `immediate`: a call reads before it writes, and must not lose its place to another process in between.
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  return {
    transactions: {
      slots: { ...logs, ...decisions },
      begin: () => void begin.run(),
      commit() {
        for (const { run } of forgettings) run(clock.reading.ageMs);
        shrink();
        clock.save();
        commit.run();
      },
      rollback() {
        for (const { reset } of forgettings) reset();
        // SQLite rolls back by itself where the disk is full or broken, and would say that instead of the cause.
        if (database.inTransaction) database.exec('ROLLBACK');
      },
      checkFile: watchFile(file),
      failureOf: (cause) => failureOf(cause, file),
    },
    close: () => database.close(),
  };
};
