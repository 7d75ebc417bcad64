import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import { type PostgresEngine, postgresEngine } from '../../src/gateway/postgres/index.ts';
import { connect, makeDatabase, query } from './support/databases.ts';

let url = '';
let engine: PostgresEngine;
let userCount = 0;
/** A user of the test's own. */
let ada = '';

beforeAll(async () => {
  url = await makeDatabase();
  await query(url, 'CREATE TABLE gift (id text PRIMARY KEY)');
  engine = postgresEngine({ connectionString: url });
  await engine.ready();
});
afterAll(() => engine.close());
beforeEach(() => {
  userCount += 1;
  ada = `ada ${userCount}`;
});

const read = async (userId: string) =>
  (await engine.readAfter(userId, EMPTY_POSITION, 100))?.map(({ text }) => JSON.parse(text));
const GIVEN = { type: 'GIVEN', gift: 'socks' };

describe('a message that is published inside a transaction', () => {
  it('is there with the row when it is committed, and nobody reads it before', async () => {
    const client = await connect(url);
    await client.query('BEGIN');
    await client.query("INSERT INTO gift VALUES ('committed')");
    await engine.publishIn(client, [ada, `${ada} too`], GIVEN);
    expect(await read(ada)).toEqual([]);
    await client.query('COMMIT');
    expect(await read(ada)).toEqual([GIVEN]);
    expect(await read(`${ada} too`)).toEqual([GIVEN]);
    expect(await query(url, "SELECT id FROM gift WHERE id = 'committed'")).toHaveLength(1);
  });

  it('is gone with the row when that is rolled back, and the chain goes on as if it had never been', async () => {
    const [before] = await engine.append(ada, ['{"type":"BEFORE"}']);
    const client = await connect(url);
    await client.query('BEGIN');
    await client.query("INSERT INTO gift VALUES ('rolled back')");
    await engine.publishIn(client, [ada], GIVEN);
    await client.query('ROLLBACK');
    await engine.append(ada, ['{"type":"AFTER"}']);
    expect(await engine.readAfter(ada, before ?? '', 10)).toMatchObject([
      { prev: before, text: '{"type":"AFTER"}' },
    ]);
    expect(await query(url, "SELECT id FROM gift WHERE id = 'rolled back'")).toEqual([]);
  });

  it('rings by itself soon after the commit, here and at other processes, and not before', async () => {
    const other = postgresEngine({ connectionString: url });
    onTestFinished(() => other.close());
    const [here, elsewhere] = [vi.fn(), vi.fn()];
    engine.subscribe(ada, here);
    other.subscribe(ada, elsewhere);
    await vi.waitFor(
      () => expect([here, elsewhere].map(({ mock }) => mock.calls.length)).toEqual([1, 1]),
      5_000,
    );
    const client = await connect(url);
    await client.query('BEGIN');
    await engine.publishIn(client, [ada], GIVEN);
    await query(url, 'SELECT pg_sleep(0.1)');
    expect([here, elsewhere].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    await client.query('COMMIT');
    await vi.waitFor(() => {
      for (const { mock } of [here, elsewhere]) expect(mock.calls.length).toBeGreaterThan(1);
    }, 5_000);
  });

  it('rings at once when it is told to', async () => {
    const here = vi.fn();
    engine.subscribe(ada, here);
    await vi.waitFor(() => expect(here).toHaveBeenCalledTimes(1), 5_000);
    const client = await connect(url);
    await client.query('BEGIN');
    const { ring } = await engine.publishIn(client, [ada], GIVEN);
    await client.query('COMMIT');
    ring();
    expect(here).toHaveBeenCalledTimes(2);
  });

  it('is there once however often a row of an outbox is published, in and outside of transactions', async () => {
    const origin = { outbox: 'gifts', row: 1 };
    const client = await connect(url);
    for (let time = 0; time < 2; time += 1) {
      await client.query('BEGIN');
      await engine.publishIn(client, [ada], GIVEN, origin);
      await client.query('COMMIT');
    }
    expect(await engine.append(ada, ['{"type":"AGAIN"}'], { origin: 'app:gifts', n: 1 })).toBe('repeat');
    expect(await read(ada)).toEqual([GIVEN]);
  });

  it('holds up appends to its users until the commit, and nobody else', async () => {
    const client = await connect(url);
    await client.query('BEGIN');
    await engine.publishIn(client, [ada], GIVEN);
    const behind = engine.append(ada, ['{"type":"BEHIND"}']);
    for (let n = 0; n < 10; n += 1) await engine.append(`${ada} other`, ['{"type":"MEANWHILE"}']);
    await client.query('COMMIT');
    await behind;
    expect((await read(ada))?.map(({ type }) => type)).toEqual(['GIVEN', 'BEHIND']);
  });

  it('to the same users from two transactions, in opposite orders, deadlocks neither', async () => {
    const clients = [await connect(url), await connect(url)];
    const users = [`${ada} a`, `${ada} b`, `${ada} c`];
    await Promise.all(
      clients.map(async (client, at) => {
        for (let n = 0; n < 15; n += 1) {
          await client.query('BEGIN');
          await engine.publishIn(client, at === 0 ? users : users.toReversed(), GIVEN);
          await client.query('COMMIT');
        }
      }),
    );
    for (const user of users) expect(await read(user)).toHaveLength(30);
  });

  it('works on any client that has query, and is checked as gateway.publish is', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    onTestFinished(() => pool.end());
    await engine.publishIn({ query: (text, values) => pool.query(text, values) }, [ada], {
      ...GIVEN,
      n: 7,
      id: 'x',
    });
    expect(await read(ada)).toEqual([GIVEN]);
    await engine.publishIn(pool, [], GIVEN);
    await expect(engine.publishIn(pool, [ada], { type: 'HEARTBEAT', at: 1n } as never)).rejects.toMatchObject(
      {
        code: 'message-not-serialisable',
      },
    );
    await expect(engine.publishIn(pool, [ada], GIVEN, { outbox: 'x', row: 0 })).rejects.toMatchObject({
      code: 'bad-option',
    });
  });

  it('is refused by an engine that is closed', async () => {
    const closed = postgresEngine({ connectionString: url });
    await closed.close();
    await expect(closed.publishIn(await connect(url), [ada], GIVEN)).rejects.toMatchObject({
      code: 'engine-failed',
    });
  });
});
