import { createRequire } from 'node:module';
import type Database from 'libsql';
import { StatesocketError } from '../../protocol/errors.ts';

/**
 * Tables of an older version are kept as they are: the first two have not changed since, the others are added. No
 * `user_version` is set, since the file may hold tables of the app, which may count with it.
 */
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
  CREATE TABLE IF NOT EXISTS statesocket_mark (
    user_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    n INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, origin)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS statesocket_mark_age ON statesocket_mark (touched_at);
  CREATE TABLE IF NOT EXISTS statesocket_client (
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    decided INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS statesocket_client_age ON statesocket_client (touched_at);
  CREATE TABLE IF NOT EXISTS statesocket_decision (
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    key TEXT NOT NULL,
    rejected TEXT,     -- the code; null: done
    publications TEXT, -- JSON; null: all of them are in the logs
    PRIMARY KEY (user_id, client_id, n)
  );
  CREATE INDEX IF NOT EXISTS statesocket_decision_unfanned ON statesocket_decision (user_id, client_id, n)
    WHERE publications IS NOT NULL;
`;

/**
 * Opens the file with what durability needs: a write-ahead log that is on the disk before an append resolves.
 *
 * @throws {StatesocketError} `engine-failed`.
 */
export const openTables = (file: string): Database.Database => {
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
