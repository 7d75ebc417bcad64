import type Database from 'libsql';

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
  CREATE TABLE IF NOT EXISTS statesocket_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    age_ms INTEGER NOT NULL,  -- by which ages are counted: touched_at and appended_at are of it
    wall_ms INTEGER NOT NULL  -- the highest that the server's clock has been
  );
`;

/** How long opening waits for another program that writes to the file, in ms. */
const OPEN_TIMEOUT_MS = 5_000;

/** What SQLite's own checkpoints, at 1,000 pages, keep a write-ahead log to. */
const WAL_LIMIT_BYTES = 4 * 1024 * 1024;

/** Opens the file with what durability needs: a write-ahead log that is on the disk before an append resolves. */
export const openTables = (Libsql: typeof Database, file: string): Database.Database => {
  const database = new Libsql(file);
  database.pragma(`busy_timeout = ${OPEN_TIMEOUT_MS}`);
  // Of a new file only, before anything else is in it.
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // A reader of another program, such as a backup, lets the write-ahead log grow. Once it is written over, it is this small again.
  database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  database.exec(SCHEMA);
  // From here on a lock is waited for without holding up the thread: see groups.ts.
  database.pragma('busy_timeout = 0');
  return database;
};
