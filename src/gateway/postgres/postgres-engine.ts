import pg from 'pg';
import { StatesocketError } from '../../protocol/errors.ts';
import type { WireMessage } from '../../protocol/message.ts';
import type { Origin } from '../engine/decisions.ts';
import type { Engine } from '../engine/engine.ts';
import { randomSuffix } from '../engine/position.ts';
import { retain } from '../engine/retention.ts';
import type { SharedClock } from '../engine/shared-clock.ts';
import { withDoorbell } from '../engine/with-doorbell.ts';
import { createForgetter, forgetStep } from './forgetter.ts';
import { createGroups, type SlotCall } from './groups.ts';
import { migrate, openPostgresClock } from './migrate.ts';
import { checkPostgresOptions, type PostgresEngineOptions, type QueryClient } from './options.ts';
import { createPostgresDoorbell } from './postgres-doorbell.ts';
import { createPublisher, type PublishedIn } from './publish-in.ts';
import { createRequests, type Requests } from './requests.ts';
import { createSlotCalls } from './slot-calls.ts';

/** Two that write, two that read, one for doorbells and nodes, one for the rest. */
const CONNECTIONS_COUNT = 6;
const CONNECT_DEADLINE_MS = 3_000;

/** An engine that keeps the logs in a Postgres database. */
export interface PostgresEngine extends Engine {
  /**
   * Resolves when the database is reached and the tables are there. Nothing has to wait for it: a server that starts may, so as to fail at
   * once.
   *
   * @throws {StatesocketError} `engine-failed`.
   */
  ready(): Promise<void>;
  /**
   * Publishes inside a transaction of the app's, as `gateway.publish` does otherwise: the app's rows and the message
   * are committed together, or neither is. Users get it once the transaction is committed.
   *
   * Until then appends to the logs of these users wait. So publish last, and commit soon. Two transactions that publish to the
   * same users in turns may deadlock, as with any rows: Postgres ends one of them, and the app does it again.
   *
   * @param client Runs queries inside the transaction: a client of `pg`, or what is like it.
   * @throws {StatesocketError} `message-not-serialisable`, `bad-option`, as `gateway.publish`. What Postgres throws is thrown as it is.
   * @example
   * await client.query('BEGIN');
   * await client.query('INSERT INTO orders …');
   * const { ring } = await engine.publishIn(client, ['ada'], { type: 'ORDER_PLACED', orderId });
   * await client.query('COMMIT');
   * ring();
   */
  publishIn(
    client: QueryClient,
    userIds: readonly string[],
    message: WireMessage,
    origin?: Origin,
  ): Promise<PublishedIn>;
}

const openPool = ({ connectionString, pool }: PostgresEngineOptions) => {
  if (pool !== undefined) return { pool, end: async () => {} };
  const own = new pg.Pool({
    connectionString,
    max: CONNECTIONS_COUNT,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'statesocket',
  });
  // An idle connection that breaks is replaced by the next request; without a listener it would end the process.
  own.on('error', () => {});
  // As it is handed out the pool stops listening, and what comes in the same read would have no listener yet.
  own.on('connect', (client) => client.on('error', () => {}));
  return { pool: own, end: () => own.end() };
};

/** Makes the tables and opens the clock, at the first need and again until it has worked. */
const createStart = (requests: Requests, schema: string, quoted: string, now: () => number) => {
  let clock: SharedClock | null = null;
  let starting: Promise<SharedClock> | null = null;
  const start = async () => {
    await migrate(requests, schema, quoted);
    clock = await openPostgresClock(requests, quoted, now());
    return clock;
  };
  return {
    get clock() {
      return clock;
    },
    started: (): Promise<SharedClock> => {
      starting ??= start().catch((cause) => {
        starting = null;
        throw cause;
      });
      return starting;
    },
  };
};

/**
 * An engine that keeps the logs in Postgres 14 or newer, through the package `pg`: for gateways on several machines,
 * and for apps whose data is there. What `append` has resolved survives what Postgres itself survives: a killed
 * process and a power cut, and a failover as far as its replication goes.
 *
 * Calls that wait share a transaction. One connection listens; what is lost on it costs a heartbeat at most. While
 * Postgres is not reached calls wait, for 5 s at most, then they fail. Its tables are made at the start, in a schema
 * of their own.
 *
 * @throws {StatesocketError} `bad-option`. What goes wrong later is `engine-failed` of the call.
 * @example
 * const engine = postgresEngine({ connectionString: process.env.DATABASE_URL });
 */
export const postgresEngine = (options: PostgresEngineOptions): PostgresEngine => {
  checkPostgresOptions(options);
  const { now = Date.now, suffix = randomSuffix, schema = 'statesocket' } = options;
  const { maxCount, maxAgeMs } = retain(options.retention);
  const quoted = `"${schema}"`;
  const { pool, end } = openPool(options);
  const requests = createRequests(pool);
  const start = createStart(requests, schema, quoted, now);
  const ageNow = () => start.clock?.ageMs ?? 0;

  const withAge = ({ w, ...call }: SlotCall, clock: SharedClock) => ({
    ...call,
    g: typeof w === 'number' ? Math.floor(clock.advance(w)) : clock.ageMs,
  });
  const groups = createGroups(async (calls, writes) => {
    const clock = await start.started();
    const given = JSON.stringify(calls.map((call) => withAge(call, clock)));
    // One row: a row each costs more to read than what is in it.
    const [row] = await requests.send(
      `SELECT json_agg(result)::text AS results FROM ${quoted}.run_1($1::jsonb, $2, $3, $4) AS result`,
      [given, maxCount, maxAgeMs, writes],
    );
    if (writes) void clock.save().catch(() => {}); // the next one does
    return JSON.parse(String(row?.results)) as readonly unknown[];
  });
  const own = createPostgresDoorbell({
    requests,
    schema,
    quoted,
    listenTo: options.doorbell === undefined && (options.listenConnectionString ?? options.connectionString),
    started: start.started,
  });
  const calls = createSlotCalls({ groups, now, suffix, appended: (userId) => own.ring([userId]) });
  const engine: Engine = { ...calls, ...own, close: async () => {} };
  const rung = options.doorbell === undefined ? engine : withDoorbell(engine, options.doorbell);
  const publishIn = createPublisher({
    requests,
    quoted,
    suffix,
    maxCount,
    maxAgeMs,
    ageNow,
    ring: (userIds) => rung.ring?.(userIds),
  });
  const forgetter = createForgetter({
    step: forgetStep({ requests, quoted, maxAgeMs, ageNow, started: start.started }),
  });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await groups.close();
    await forgetter.stop();
    await own.close();
    await start.clock?.save(true).catch(() => {}); // ages go on from where they were written down last
    requests.close();
    await end();
  };
  void start.started().catch(() => {}); // each call tells

  return {
    ...rung,
    async ready() {
      await start.started();
    },
    async publishIn(...given) {
      if (closing !== null) throw new StatesocketError('engine-failed', 'The engine is closed.');
      await start.started();
      return publishIn(...given);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
};
