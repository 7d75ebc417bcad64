/** What servers of RednGift have in common on one Postgres, and what one says that cannot have it. */
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createSharedTickets } from '../../app/server/accounts/shared-tickets.ts';
import type { Database } from '../../app/server/database/open-database.ts';
import { openPostgres } from '../../app/server/database/open-postgres.ts';
import { createPatientPool } from '../../app/server/database/patient-pool.ts';
import { inTransaction } from '../../app/server/database/transactions.ts';
import { createSharedLimits } from '../../app/server/limits/limits.ts';
import { openStorage } from '../../app/server/storage.ts';
import { call, signUp } from '../app/server/support/person.ts';
import { startTestServer } from '../app/server/support/test-server.ts';
import { makeDatabase, query } from './support/databases.ts';

const open = async (url: string): Promise<Database> => {
  const db = await openPostgres(url);
  onTestFinished(() => db.destroy());
  return db;
};
/** The same database as two servers see it. */
const two = async () => {
  const url = await makeDatabase();
  return { url, dbs: await Promise.all([open(url), open(url)]) };
};
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  );

describe('two servers that start at once', () => {
  it('make the tables once, each step in its turn', async () => {
    const url = await makeDatabase();
    await Promise.all(Array.from({ length: 4 }, () => open(url)));
    expect(await query(url, 'select count(*)::integer as count, max(step) as last from migrations')).toEqual([
      { count: 5, last: 5 },
    ]);
  });
});

describe('what is held', () => {
  it('is done one after the other, at whichever server, and the rest at once', async () => {
    const { dbs } = await two();
    const seen: string[] = [];
    const hold = (at: number, name: 'group a' | 'group b', until: Promise<unknown>) =>
      inTransaction(dbs[at % 2] as Database, [name], async () => {
        seen.push(`${name} begins`);
        await until;
        seen.push(`${name} ends`);
      });
    // Whoever has the one name keeps it until somebody else is done with the other.
    let isDone: () => void = () => {};
    const other = new Promise<void>((resolve) => {
      isDone = resolve;
    });
    const ofOne = [hold(0, 'group a', other), hold(1, 'group a', other)];
    await hold(1, 'group b', Promise.resolve());
    isDone();
    await Promise.all(ofOne);
    expect(seen.filter((line) => line.startsWith('group a'))).toEqual([
      ...['group a begins', 'group a ends'],
      ...['group a begins', 'group a ends'],
    ]);
  });
});

describe('the tickets of two servers', () => {
  it('are spent once, at whichever, and 16 of a session wait', async () => {
    const { url, dbs } = await two();
    const [one, other] = dbs.map((db) => createSharedTickets(db));
    if (one === undefined || other === undefined) throw new Error('There are two.');
    const { ticket } = await one.issue('s');
    expect(await one.sessionOf(ticket)).toBeNull();
    const spent = await Promise.all([one, other, one, other].map((tickets) => tickets.spend(ticket)));
    expect(spent.filter((session) => session === 's')).toHaveLength(1);
    const sessions = await Promise.all([one.sessionOf(ticket), other.sessionOf(ticket)]);
    expect(sessions.filter((session) => session === 's')).toHaveLength(1);
    const tickets: string[] = [];
    for (let count = 0; count < 17; count += 1)
      tickets.push((await (count % 2 === 0 ? one : other).issue('s')).ticket);
    expect(await one.spend(tickets[0] ?? '')).toBeNull();
    expect(await one.spend(tickets[1] ?? '')).toBe('s');
    // Only their hashes are there.
    expect(JSON.stringify(await query(url, 'select * from tickets'))).not.toContain(tickets[2]);
    await query(url, 'update tickets set "endsAt" = 0');
    expect(await one.spend(tickets[2] ?? '')).toBeNull();
  });
});

describe('the limits of two servers', () => {
  it('are counted together, and what one of them refuses counts in no other', async () => {
    const { url, dbs } = await two();
    const [one, other] = dbs.map((db) => createSharedLimits(db));
    if (one === undefined || other === undefined) throw new Error('There are two.');
    for (let attempt = 0; attempt < 10; attempt += 1)
      await (attempt % 2 === 0 ? one : other).signIns.begin('1.2.3.4', 'eve@people.test');
    expect(await outcomeOf(Promise.resolve(other.signIns.begin('1.2.3.4', 'eve@people.test')))).toMatch(
      /^Too many attempts\. Please try again in 15 minutes\.$/,
    );
    const counts = async () =>
      Object.fromEntries(
        (await query(url, 'select name, count::integer from tallies')).map((row) => [row.name, row.count]),
      );
    expect(await counts()).toEqual({
      'sign-in 1.2.3.4 eve@people.test': 10,
      'sign-in from 1.2.3.4': 10,
      'sign-in to eve@people.test': 10,
    });
    await one.signIns.abandon('1.2.3.4', 'eve@people.test');
    await other.signIns.begin('1.2.3.4', 'eve@people.test');
    await one.signIns.succeed('1.2.3.4', 'eve@people.test');
    expect(await counts()).toMatchObject({ 'sign-in from 1.2.3.4': 9, 'known 1.2.3.4 eve@people.test': 1 });
    // Who is known at one server is at the other: a guesser shuts the account to everybody else.
    await query(url, `update tallies set count = 100 where name = 'sign-in to eve@people.test'`);
    await other.signIns.begin('1.2.3.4', 'eve@people.test');
    expect(await outcomeOf(Promise.resolve(one.signIns.begin('5.6.7.8', 'eve@people.test')))).toContain(
      'Too many',
    );
    // A window that is over begins again.
    await query(url, 'update tallies set "endsAt" = 0');
    await one.signIns.begin('5.6.7.8', 'eve@people.test');
    expect(await counts()).toMatchObject({ 'sign-in to eve@people.test': 1 });
  });
});

describe('a connection to Postgres', () => {
  it('on which a query got no response is used no more, not even for a rollback', async () => {
    const pool = createPatientPool(inject('postgresUrl'), 300);
    onTestFinished(() => pool.end());
    const first = await pool.connect();
    const { rows: one } = await first.query('select pg_backend_pid() as pid', []);
    await expect(first.query('select pg_sleep(3)', [])).rejects.toThrow('timeout');
    // At once, and not in its turn behind the one that hangs.
    await expect(Promise.race([first.query('rollback', []), Promise.resolve('late')])).rejects.toThrow(
      'timeout',
    );
    first.release();
    const second = await pool.connect();
    const { rows: other } = await second.query('select pg_backend_pid() as pid', []);
    expect(other).not.toEqual(one);
    // What Postgres itself says is no reason to give it up.
    await expect(second.query('nonsense', [])).rejects.toThrow('syntax error');
    second.release();
    const third = await pool.connect();
    expect((await third.query('select pg_backend_pid() as pid', [])).rows).toEqual(other);
    third.release();
  });
});

describe('an id with U+0000, which no column of Postgres takes', () => {
  it('names nothing', async () => {
    const { url } = await startTestServer();
    const { token } = await signUp(url, 'Eve');
    for (const path of ['/api/groups/%00', '/api/images/a%00b', '/api/conversations/%00/messages'])
      expect((await call(url, 'GET', path, { token })).status).toBe(404);
  });
});

describe('a server whose store cannot be used', () => {
  it('does not start, and says which and why without a password', async () => {
    const start = (options: object) => outcomeOf(openStorage({ dataDir: '/nowhere', ...options }));
    const good = inject('postgresUrl');
    expect(await start({ databaseUrl: 'mysql://me:secret@db/app' })).toBe(
      'DATABASE_URL must begin with postgres:// or postgresql://, and be an address.',
    );
    expect(await start({ redisUrl: 'redis://localhost' })).toMatch(
      /^REDIS_URL is for .* set DATABASE_URL as well/,
    );
    expect(await start({ databaseUrl: good, redisUrl: 'http://localhost' })).toMatch(
      /^REDIS_URL must begin with/,
    );
    const wrong = await start({
      databaseUrl: good.replace(/\/postgres$/, '/missing').replace('postgres@', 'postgres:secret@'),
    });
    expect(wrong).toMatch(/^The database at 127\.0\.0\.1:\d+\/missing cannot be used \(3D000\)\./);
    const gone = await start({ databaseUrl: good, redisUrl: 'redis://me:secret@127.0.0.1:1' });
    expect(gone).toMatch(/^The Redis at 127\.0\.0\.1:1 cannot be used/);
    expect(wrong + gone).not.toContain('secret');
  });
});
