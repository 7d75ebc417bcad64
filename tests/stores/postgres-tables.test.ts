import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EMPTY_POSITION, memoryEngine } from '../../src/gateway/index.ts';
import { type PostgresEngineOptions, postgresEngine } from '../../src/gateway/postgres/index.ts';
import { expectBoundedDecisions } from '../contract/bounded-decisions.ts';
import { connect, dropSchema, makeDatabase, query } from './support/databases.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const DAY_MS = 24 * 60 * 60 * 1000;

const open = (options: PostgresEngineOptions) => {
  const engine = postgresEngine(options);
  onTestFinished(() => engine.close());
  return engine;
};

describe('the tables of the postgres engine', () => {
  it('are made once, by however many processes start at the same moment', async () => {
    const connectionString = await makeDatabase();
    const engines = Array.from({ length: 6 }, () => open({ connectionString }));
    await Promise.all(engines.map((engine) => engine.append('anna', [text(1)])));
    expect(await engines[0]?.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(6);
    expect(await query(connectionString, 'SELECT version FROM statesocket.migration')).toEqual([
      { version: 1 },
      { version: 2 },
    ]);
  });

  it('of an older version are used as they are, with the functions of this one', async () => {
    const connectionString = await makeDatabase();
    const before = postgresEngine({ connectionString });
    await before.append('anna', [text(1)]);
    await before.close();
    await query(
      connectionString,
      `DELETE FROM statesocket.migration WHERE version > 1; DROP FUNCTION statesocket.appends_1;
       CREATE OR REPLACE FUNCTION statesocket.run_1(calls jsonb, max_count bigint, max_age bigint, writes boolean)
         RETURNS SETOF jsonb LANGUAGE sql AS $$ SELECT 'null'::jsonb $$`,
    );
    const after = open({ connectionString });
    await after.appendMany?.(
      ['anna', 'bert', 'cleo', 'dora'].map((userId) => ({ userId, texts: [text(2)] })),
    );
    expect(await after.readAfter('anna', EMPTY_POSITION, 10)).toMatchObject([
      { text: text(1) },
      { text: text(2) },
    ]);
  });

  it('take many appends and decisions at once', async () => {
    const engine = open({ connectionString: await makeDatabase() });
    expect(engine.appendMany).toBeTypeOf('function');
    expect(engine.decideMany).toBeTypeOf('function');
  });

  it('are in the schema that is named, beside those of another engine, whose nodes are others', async () => {
    const connectionString = await makeDatabase();
    const [one, two] = [open({ connectionString, schema: 'one' }), open({ connectionString, schema: 'two' })];
    const bell = vi.fn();
    two.subscribe('anna', bell);
    await vi.waitFor(() => expect(bell).toHaveBeenCalledTimes(1), 5_000);
    await one.append('anna', [text(1)]);
    expect(await two.last('anna')).toBe(EMPTY_POSITION);
    const channels = [one, two].map((engine) => engine.openChannel?.({ hear() {}, changed() {} }));
    await channels[0]?.place('anna', 1);
    expect(await channels[1]?.online(['anna'])).toEqual([]);
    expect(bell).toHaveBeenCalledTimes(1);
  });

  it('can be used by a role that may not make them', async () => {
    const connectionString = await makeDatabase();
    await open({ connectionString }).append('anna', [text(1)]);
    const role = `reader_${process.pid}`;
    await query(
      connectionString,
      `CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA statesocket TO ${role};
       GRANT ALL ON ALL TABLES IN SCHEMA statesocket TO ${role}`,
    );
    const other = open({ connectionString: connectionString.replace('postgres@', `${role}@`) });
    expect(await other.readAfter('anna', EMPTY_POSITION, 10)).toHaveLength(1);
    expect(await other.append('anna', [text(2)])).toHaveLength(1);
  });

  it('lose what is too old of everybody, in the background, and keep the head of each log', async () => {
    const connectionString = await makeDatabase();
    let wallClockMs = 1_000_000;
    const engine = open({ connectionString, retention: { maxAgeMs: 1_000 }, now: () => wallClockMs });
    const users = Array.from({ length: 120 }, (_, at) => `user ${at}`);
    const lasts = await Promise.all(
      users.map(async (user) => (await engine.append(user, [text(1), text(2)], { origin: 'bert', n: 1 }))[1]),
    );
    await engine.decide('user 7', 'page', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0);
    for (let day = 0; day < 29; day += 1) {
      wallClockMs += DAY_MS;
      await engine.append('somebody', [text(day)]);
    }
    const count = async (table: string) =>
      Number((await query(connectionString, `SELECT count(*) FROM statesocket.${table}`))[0]?.count);
    await vi.waitFor(async () => {
      expect([
        await count('entry'),
        await count('mark'),
        await count('client'),
        await count('decision'),
      ]).toEqual([1, 0, 0, 0]);
    }, 30_000);
    expect(await engine.last('user 7')).toBe(lasts[7]);
    expect(await engine.append('user 7', [text(3)], { origin: 'bert', n: 1 })).toHaveLength(1);
    expect(await engine.readAfter('user 7', lasts[7] ?? '', 10)).toMatchObject([
      { prev: lasts[7], text: text(3) },
    ]);
  });

  it('keep decisions of the last 16 clients of a user alone', async () => {
    const connectionString = await makeDatabase();
    let wallClockMs = 1_000_000;
    const engine = open({ connectionString, now: () => wallClockMs });
    await expectBoundedDecisions(engine, () => {
      wallClockMs += 1;
    });
    expect(await query(connectionString, 'SELECT count(*)::int FROM statesocket.decision')).toEqual([
      { count: 16 },
    ]);
  });

  it('that vanish while it runs: it says so, and a new start makes them', async () => {
    const connectionString = await makeDatabase();
    const engine = open({ connectionString });
    await engine.append('anna', [text(1)]);
    await dropSchema(connectionString);
    await expect(engine.append('anna', [text(1)])).rejects.toMatchObject({
      message: expect.stringMatching(/tables are not there any more/),
    });
    expect(await open({ connectionString }).append('anna', [text(1)])).toHaveLength(1);
  });

  it('remember ages over a restart, in which no time passes but a day', async () => {
    const connectionString = await makeDatabase();
    let wallClockMs = 1_000_000;
    const options = { connectionString, now: () => wallClockMs };
    const before = postgresEngine(options);
    await before.append('anna', [text(1)], { origin: 'bert', n: 1 });
    await before.close();
    wallClockMs += 60 * DAY_MS;
    const after = open(options);
    await after.append('somebody', [text(1)]);
    expect(await after.append('anna', [text(1)], { origin: 'bert', n: 1 })).toBe('repeat');
  });
});

describe('the doorbell of the postgres engine', () => {
  it('is rung in the database once there is another node, and not for a gateway that is alone', async () => {
    const connectionString = await makeDatabase();
    const engine = open({ connectionString });
    const ear = await connect(connectionString);
    const heard: string[] = [];
    ear.on('notification', ({ payload = '' }) => heard.push(payload));
    const partitions = Array.from({ length: 64 }, (_, at) => `LISTEN statesocket_p${at}`);
    await engine.ready();
    await ear.query(partitions.join('; '));
    const rings = async () => {
      heard.length = 0;
      for (let n = 0; n < 5; n += 1) await engine.append('anna', [text(n)]);
      // What was said before it is heard before it.
      await query(connectionString, "SELECT pg_notify('statesocket_p0', 'all')");
      await vi.waitFor(() => expect(heard).toContain('all'), 5_000);
      return heard.filter((payload) => payload !== 'all').length;
    };
    // Nobody knows who subscribes to an engine that is no node.
    await vi.waitFor(async () => expect(await rings()).toBeGreaterThan(0), 5_000);
    const channel = engine.openChannel?.({ hear() {}, changed() {} });
    await vi.waitFor(async () => expect(await rings()).toBe(0), 5_000);
    const other = open({ connectionString }).openChannel?.({ hear() {}, changed() {} });
    await vi.waitFor(() => expect(channel?.isAlone?.()).toBe(false), 5_000);
    await vi.waitFor(async () => expect(await rings()).toBeGreaterThan(0), 5_000);
    await other?.close();
  });
});

describe('the options of the postgres engine', () => {
  it.each([
    [{}, /either a connectionString/],
    [{ connectionString: 'postgres://x', pool: new pg.Pool() }, /either a connectionString/],
    [{ pool: new pg.Pool() }, /needs a listenConnectionString/],
    [{ connectionString: 'postgres://x', listenConnectionString: '' }, /an address, or false/],
    [{ connectionString: 'postgres://x', schema: 'a"b' }, /schema must be/],
    [{ connectionString: 'postgres://x', retention: { maxCount: 0 } }, /maxCount of at least 1/],
    [{ connectionString: 'postgres://x', scheme: 'x' }, /Did you mean schema/],
  ] as const)('%o cannot be', (options, message) => {
    expect(() => postgresEngine(options as PostgresEngineOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(message) }),
    );
  });

  it('may name a database that is not there: the first call says so, and nothing of the address', async () => {
    const url = (await makeDatabase()).replace(/\/d\d+_\d+$/, '/no_such_secret');
    const engine = open({ connectionString: url });
    const error: Error = await engine.ready().then(
      () => new Error('It was there.'),
      (cause) => cause,
    );
    expect(error).toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/no such database/),
    });
    expect(error.message).not.toContain('secret');
    await expect(engine.append('anna', [text(1)])).rejects.toMatchObject({ code: 'engine-failed' });
  });

  it('may be a pool of the app, which it leaves open', async () => {
    const connectionString = await makeDatabase();
    const pool = new pg.Pool({ connectionString, max: 3 });
    onTestFinished(() => pool.end());
    const engine = postgresEngine({ pool, listenConnectionString: connectionString });
    await engine.append('anna', [text(1)]);
    await engine.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('may have the doorbell of another engine, and then listens to none of its own', async () => {
    const connectionString = await makeDatabase();
    const doorbell = memoryEngine();
    const engine = open({ connectionString, doorbell });
    const bell = vi.fn();
    doorbell.subscribe('anna', bell);
    await engine.append('anna', [text(1)]);
    expect(bell).toHaveBeenCalledTimes(1);
    const listening =
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'statesocket doorbell' AND datname = current_database()";
    expect(await query(connectionString, listening)).toEqual([{ count: 0 }]);
  });
});

it('an engine that nobody closes keeps no process alive', async () => {
  const connectionString = await makeDatabase();
  const script = `
    const { postgresEngine } = await import('statesocket/gateway/postgres');
    const engine = postgresEngine({ connectionString: ${JSON.stringify(connectionString)} });
    engine.subscribe('anna', () => {});
    engine.openChannel({ hear() {}, changed() {} }).place('anna', 1);
    await engine.append('anna', ['{"type":"X"}']);
  `;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    stdio: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 30_000);
