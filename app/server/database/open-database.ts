import {
  HandleEmptyInListsPlugin,
  Kysely,
  replaceWithNoncontingentExpression,
  SqliteDialect,
  sql,
} from 'kysely';
import Sqlite from 'libsql';
import { migrate, type Progress } from './migrations.ts';
import type { Schema } from './schema.ts';

/**
 * The app's database: SQLite in a file, or Postgres. What must not change between a transaction's reading and its commit is
 * held by `inTransaction`. A file has one connection, so transactions run one after the other anyway.
 */
export type Database = Kysely<Schema>;

/** SQLite takes a list of nothing, and Postgres does not. */
export const PLUGINS = [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })];

const ofFile: Progress = {
  words: {
    time: 'integer',
    count: 'integer',
    bytes: 'blob',
    position: 'integer primary key autoincrement',
    fleeting: 'table',
  },
  async read(transaction) {
    const { rows } = await sql<{ user_version: number }>`pragma user_version`.execute(transaction);
    return rows[0]?.user_version ?? 0;
  },
  async write(transaction, stepCount) {
    await sql.raw(`pragma user_version = ${stepCount}`).execute(transaction);
  },
};

/** Opens the file, or makes it, and brings its tables up to date. Rejects when the file cannot be opened or written. */
export const openDatabase = async (file: string): Promise<Database> => {
  const dialect = new SqliteDialect({ database: new Sqlite(file) });
  const db = new Kysely<Schema>({ dialect, plugins: PLUGINS });
  try {
    await sql`pragma busy_timeout = 5000`.execute(db);
    await sql`pragma journal_mode = wal`.execute(db);
    await sql`pragma foreign_keys = on`.execute(db);
    await migrate(db, ofFile);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
};
