import { PostgresAdapter, sql } from 'kysely';
import type { Database } from './open-database.ts';

/** So often a transaction is done again that met another one. */
const ATTEMPTS_COUNT = 5;
/** A server that stands still in a transaction keeps others waiting no longer. */
const IDLE_DEADLINE_MS = 5_000;
/** Of two transactions that wait for each other Postgres ends one, as if nothing had been done. */
const UNDONE = new Set(['40001', '40P01']);

/** What nobody else may change meanwhile. */
export type Held =
  | `group ${string}`
  | `user ${string}`
  | `address ${string}`
  | `conversation ${string}`
  | 'demo users';

const isPostgres = (db: Database): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/** In one order, so that two do not wait for each other. */
const hold = async (transaction: Database, held: readonly Held[]): Promise<void> => {
  for (const name of [...new Set(held)].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${`redngift ${name}`}, 0))`.execute(transaction);
};

const isUndone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && UNDONE.has(String(error.code));

/**
 * Does the work in a transaction, or in the one that `db` is. Until it commits nobody else does anything under the names
 * that are held, at any server: so what was read under them is still true. In a file, transactions run one after the other, and
 * nothing need be held.
 *
 * @param work May be done again: what it changes elsewhere must bear that.
 */
export const inTransaction = async <Result>(
  db: Database,
  held: readonly Held[],
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> => {
  if (!isPostgres(db)) return db.isTransaction ? work(db) : db.transaction().execute(work);
  if (db.isTransaction) {
    await hold(db, held);
    return work(db);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(async (transaction) => {
        await sql
          .raw(`set local idle_in_transaction_session_timeout = ${IDLE_DEADLINE_MS}`)
          .execute(transaction);
        await hold(transaction, held);
        return work(transaction);
      });
    } catch (error) {
      if (attempt === ATTEMPTS_COUNT || !isUndone(error)) throw error;
    }
  }
};
