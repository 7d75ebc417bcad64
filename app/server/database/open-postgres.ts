import { Kysely, PostgresDialect, sql } from 'kysely';
import { migrate, type Progress } from './migrations.ts';
import { type Database, PLUGINS } from './open-database.ts';
import { createPatientPool } from './patient-pool.ts';
import type { Schema } from './schema.ts';

const inPostgres: Progress = {
  words: {
    time: 'bigint',
    count: 'bigint',
    bytes: 'bytea',
    position: 'bigint generated always as identity primary key',
    fleeting: 'unlogged table',
  },
  async read(transaction) {
    // Of two servers that start at once one goes first, and the other finds it done.
    await sql`select pg_advisory_xact_lock(hashtextextended('redngift migrations', 0))`.execute(transaction);
    await sql`create table if not exists migrations (step integer primary key)`.execute(transaction);
    const { rows } = await sql<{
      step: number;
    }>`select coalesce(max(step), 0) as step from migrations`.execute(transaction);
    return rows[0]?.step ?? 0;
  },
  async write(transaction, stepCount) {
    await sql`insert into migrations (step) values (${stepCount})`.execute(transaction);
  },
};

/** Opens the database at this address, and brings its tables up to date. Any number of servers may do it at once. */
export const openPostgres = async (address: string): Promise<Database> => {
  const dialect = new PostgresDialect({ pool: createPatientPool(address) });
  const db = new Kysely<Schema>({ dialect, plugins: PLUGINS });
  try {
    await migrate(db, inPostgres);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
};
