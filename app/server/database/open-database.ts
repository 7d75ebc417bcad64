import { Kysely, SqliteDialect, sql } from 'kysely';
import Sqlite from 'libsql';
import { migrate } from './migrations.ts';
import type { Schema } from './schema.ts';

/**
 * The app's database. It has one connection, so transactions run one after the other: what a transaction has read
 * stays true until it commits.
 */
export type Database = Kysely<Schema>;

/** Opens the file, or makes it, and brings its tables up to date. Rejects when the file cannot be opened or written. */
export const openDatabase = async (file: string): Promise<Database> => {
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: new Sqlite(file) }) });
  try {
    await sql`pragma busy_timeout = 5000`.execute(db);
    await sql`pragma journal_mode = wal`.execute(db);
    await sql`pragma foreign_keys = on`.execute(db);
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
};
