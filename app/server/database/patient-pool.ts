import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Connections of one server, beside those of the gateway's engine. */
const CONNECTIONS_COUNT = 10;
const CONNECT_DEADLINE_MS = 3_000;
/** How long a connection is tried to be had: a database that restarts is late, and no failure. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 100;
/** What takes longer is given up: a request of a person waits for it. */
const QUERY_DEADLINE_MS = 10_000;

/** How Postgres names its type for whole numbers of 8 bytes, which times and counts are. */
const INT8 = 20;
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');

/** No column of Postgres takes U+0000. What a stranger puts into an id then names nothing. */
const withoutNul = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  return Array.isArray(value) ? value.map(withoutNul) : value;
};

/** What the system and Postgres say of a server that is not there, or not yet, or has no place left. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

const isPassing = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return PASSING.has(code) || /terminated|timeout/i.test(error.message);
};

/**
 * A connection that is not used again after a query on it has failed otherwise than by Postgres saying so: it may still be at it,
 * or gone. A rollback need not be tried either.
 */
const givenUpWhenBroken = (client: pg.PoolClient): pg.PoolClient => {
  const state: { broken: unknown } = { broken: null };
  const query = async (text: string, values: unknown[] = []) => {
    if (state.broken !== null) throw state.broken;
    try {
      return await client.query(text, values.map(withoutNul));
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) state.broken = error;
      throw error;
    }
  };
  const instead: Record<string | symbol, unknown> = {
    query,
    release: () => client.release(state.broken !== null),
  };
  return new Proxy(client, { get: (target, name) => instead[name] ?? Reflect.get(target, name, target) });
};

/**
 * Connections to Postgres. One that cannot be had at once is tried for 5 s. Numbers of 8 bytes are numbers, and not texts.
 * Losing a connection ends no process.
 *
 * @param queryDeadlineMs @default 10 s
 */
export const createPatientPool = (connectionString: string, queryDeadlineMs = QUERY_DEADLINE_MS) => {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS_COUNT,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: queryDeadlineMs,
    keepAlive: true,
    application_name: 'redngift',
    types: { getTypeParser },
  });
  pool.on('error', () => {}); // an idle connection that breaks is replaced by the next request
  pool.on('connect', (client) => client.on('error', () => {})); // the query that runs on it tells
  const connect = async (): Promise<pg.PoolClient> => {
    for (const startedAt = performance.now(); ; await sleep(RETRY_MS)) {
      try {
        return await pool.connect();
      } catch (error) {
        if (!isPassing(error) || performance.now() - startedAt > PATIENCE_MS) throw error;
      }
    }
  };
  return {
    connect: async () => givenUpWhenBroken(await connect()),
    end: () => pool.end(),
  };
};
