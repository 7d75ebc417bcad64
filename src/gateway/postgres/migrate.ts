import type { AgeReading } from '../engine/age-clock.ts';
import { openSharedClock, type SharedClock } from '../engine/shared-clock.ts';
import { failureOf, fateOf } from './failure.ts';
import { functionsIn } from './functions.ts';
import { RequestFailed, type Requests } from './requests.ts';
import { TABLES } from './tables.ts';

/** So many times the tables are tried to be made when another process was at it, or the connection was lost. */
const ATTEMPTS_COUNT = 5;

/** As much of a client as it takes. */
type Query = (text: string, values?: unknown[]) => Promise<{ readonly rows: readonly unknown[] }>;

const askFor = async (query: Query, text: string, values: unknown[] = []): Promise<unknown> =>
  Reflect.get((await query(text, values)).rows[0] as object, 'value');

/** 0: there are no tables yet. Catalogs are read as tables: `to_regclass` may remember what it did not find. */
const versionOf = async (query: Query, schema: string, quoted: string): Promise<number> => {
  const sql =
    "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'migration') AS value";
  if ((await askFor(query, sql, [schema])) !== true) return 0;
  return Number(
    await askFor(query, `SELECT coalesce(max(version), 0)::integer AS value FROM ${quoted}.migration`),
  );
};

/** What is there is used as it is: by a role that may make nothing, too, and on a replica. */
const migrateOnce = (requests: Requests, schema: string, quoted: string) =>
  requests.withClient(async (client) => {
    const query: Query = (text, values = []) => client.query(text, values);
    if ((await versionOf(query, schema, quoted)) >= TABLES.length) return;
    await query('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`statesocket ${schema}`]);
      const version = await versionOf(query, schema, quoted);
      const hasSchema = 'SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS value';
      if ((await askFor(query, hasSchema, [schema])) !== true) await query(`CREATE SCHEMA ${quoted}`);
      await query(`SET LOCAL search_path = ${quoted}, pg_catalog`);
      await query(
        'CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, at timestamptz DEFAULT now())',
      );
      for (const [at, sql] of TABLES.entries()) {
        if (at < version) continue;
        await query(sql);
        await query('INSERT INTO migration (version) VALUES ($1)', [at + 1]);
      }
      if (version < TABLES.length) await query(functionsIn(quoted));
      await query('COMMIT');
    } catch (cause) {
      await query('ROLLBACK').catch(() => {}); // the cause is what counts; a lost connection rolls back by itself
      throw cause;
    }
  });

/**
 * Makes the tables and functions, or brings them up to this version. Several processes may do it at once.
 *
 * @throws {StatesocketError} `engine-failed`.
 */
export const migrate = async (requests: Requests, schema: string, quoted: string): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await migrateOnce(requests, schema, quoted);
    } catch (error) {
      const { cause, isSent } = error instanceof RequestFailed ? error : { cause: error, isSent: true };
      // A connection that is not to be had was waited for.
      if (attempt === ATTEMPTS_COUNT || fateOf(cause) === 'refused' || !isSent) throw failureOf(cause);
    }
  }
};

/** The age clock of all processes on one database. */
export const openPostgresClock = async (
  requests: Requests,
  quoted: string,
  wallMs: number,
): Promise<SharedClock> => {
  const readingOf = (row: Record<string, unknown> | undefined): AgeReading => ({
    ageMs: Number(row?.age_ms),
    wallMs: Number(row?.wall_ms),
  });
  const [row] = await requests.ask(`SELECT age_ms::text, wall_ms::text FROM ${quoted}.clock`, []);
  return openSharedClock({
    stored: row === undefined ? null : readingOf(row),
    wallMs,
    async merge(reading) {
      const [merged] = await requests.ask(
        `INSERT INTO ${quoted}.clock AS c VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE
           SET age_ms = greatest(c.age_ms, excluded.age_ms), wall_ms = greatest(c.wall_ms, excluded.wall_ms)
         RETURNING age_ms::text, wall_ms::text`,
        [reading.ageMs, reading.wallMs],
      );
      return readingOf(merged);
    },
  });
};
