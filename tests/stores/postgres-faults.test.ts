import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { type Decision, EMPTY_POSITION } from '../../src/gateway/index.ts';
import { type PostgresEngineOptions, postgresEngine } from '../../src/gateway/postgres/index.ts';
import { connect, makeDatabase, query, startOwnServer } from './support/databases.ts';

const text = (n: number | string) => JSON.stringify({ type: 'NEW_MESSAGE', n });
const mark = (n: number) => ({ origin: 'bert', n });

const open = (options: PostgresEngineOptions) => {
  const engine = postgresEngine(options);
  onTestFinished(() => engine.close());
  return engine;
};
const textsOf = async (engine: ReturnType<typeof open>, userId: string) =>
  (await engine.readAfter(userId, EMPTY_POSITION, 1_000))?.map((entry) => entry.text);

/** Ends all connections of an engine, as a network does. */
const cutAll = (url: string) =>
  query(
    url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'statesocket%'",
  );

describe('a Postgres that', () => {
  it('restarts: calls wait for it, and doorbells are heard again', async () => {
    const server = await startOwnServer();
    const engine = open({ connectionString: server.url() });
    const other = open({ connectionString: server.url() });
    const bell = vi.fn();
    other.subscribe('anna', bell);
    await engine.append('anna', [text(1)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    await server.stop();
    const calls = [
      engine.append('anna', [text(2)], mark(2)),
      engine.last('anna'),
      engine.append('bert', [text(1)]),
    ];
    await sleep(300);
    await server.start();
    expect((await Promise.all(calls)).map((result) => typeof result)).toEqual(['object', 'string', 'object']);
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
    await vi.waitFor(async () => {
      bell.mockClear();
      await engine.append('anna', [text('again')]);
      await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 500);
    }, 20_000);
  });

  it('is down for long: calls fail in words after 5 s, and work when it is back', async () => {
    const server = await startOwnServer();
    const engine = open({ connectionString: server.url() });
    await engine.append('anna', [text(1)]);
    await server.stop();
    await expect(engine.append('anna', [text(2)], mark(2))).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/connection to Postgres/),
    });
    await server.start();
    expect(await engine.append('anna', [text(2)], mark(2))).toHaveLength(1);
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });

  it('crashes (SIGQUIT) loses nothing that was stored, and each node puts its places back', async () => {
    const server = await startOwnServer({ fsync: 'on', full_page_writes: 'on' });
    const engine = open({ connectionString: server.url() });
    const channel = engine.openChannel?.({ hear() {}, changed() {} });
    await channel?.place('anna', 2);
    const [id] = await engine.append('anna', [text(1)], mark(1));
    await server.stop('SIGQUIT');
    await server.start();
    expect(await engine.last('anna')).toBe(id);
    expect(await engine.append('anna', [text(1)], mark(1))).toBe('repeat');
    await vi.waitFor(async () => expect(await channel?.online(['anna'])).toEqual(['anna']), 15_000);
    expect(await channel?.place('anna', 1)).toEqual({ before: 2, after: 1 });
  });

  it('stands still (SIGSTOP) for longer than a call waits: it fails in time, and all is well afterwards', async () => {
    const server = await startOwnServer();
    const engine = open({ connectionString: server.url() });
    await engine.append('anna', [text(1)]);
    server.signalAll('SIGSTOP');
    const failed = engine.append('anna', [text('lost or not')]).catch((error: Error) => error.message);
    const message = await failed;
    server.signalAll('SIGCONT');
    expect(message).toMatch(/did not reply in time|lost/);
    await vi.waitFor(async () => expect(await engine.append('anna', [text(2)])).toHaveLength(1), 20_000);
    expect((await textsOf(engine, 'anna'))?.filter((one) => one === text(2))).toHaveLength(1);
  });

  it('has no connection left: calls wait for one, and say what is wrong when there is none', async () => {
    const server = await startOwnServer({ max_connections: 8, superuser_reserved_connections: 1 });
    const others: pg.Client[] = [];
    // A role that may not use the reserved one.
    await query(server.url(), 'CREATE ROLE app LOGIN; GRANT CREATE ON DATABASE postgres TO app');
    const url = server.url().replace('postgres@', 'app@');
    for (let count = 0; count < 7; count += 1) others.push(await connect(url));
    const engine = open({ connectionString: url, listenConnectionString: false });
    const failed = engine.append('anna', [text(1)]).catch((error: Error) => error.message);
    expect(await failed).toMatch(/no connection left/);
    const waits = engine.append('anna', [text(2)]);
    for (const other of others.splice(0, 4)) await other.end();
    expect(await waits).toHaveLength(1);
    expect(await textsOf(engine, 'anna')).toEqual([text(2)]);
  });

  it('is led to a replica, which is read only: writes fail in words, and reads go on', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    await engine.append('anna', [text(1)]);
    const alter = (what: string) =>
      query(inject('postgresUrl'), `ALTER DATABASE ${new URL(url).pathname.slice(1)} ${what}`);
    await alter('SET default_transaction_read_only = on');
    await cutAll(url);
    await expect(engine.append('anna', [text(2)])).rejects.toMatchObject({
      message: expect.stringMatching(/read only/),
    });
    expect(await textsOf(engine, 'anna')).toEqual([text(1)]);
    await alter('RESET default_transaction_read_only');
    await cutAll(url);
    expect(await engine.append('anna', [text(2)], mark(2))).toHaveLength(1);
  });

  it('has lost its tail in a failover: positions of the tail are not known, and no id is given twice', async () => {
    const server = await startOwnServer();
    const before = open({ connectionString: server.url() });
    const [kept] = await before.append('anna', [text('kept')]);
    await before.decide('anna', 'page', { n: 1, key: 'k1', verdict: 'done', publications: [] }, 0);
    await server.stop();
    const restore = server.saveFiles();
    await server.start();
    const lost = await before.append('anna', [text('lost 1'), text('lost 2')]);
    await before.decide('anna', 'page', { n: 2, key: 'k2', verdict: 'done', publications: [] }, 1);
    await server.stop();
    restore();
    await server.start();
    for (const position of lost) expect(await before.readAfter('anna', position, 10)).toBeNull();
    expect(await before.last('anna')).toBe(kept);
    const grown = await before.append('anna', [text('new 1'), text('new 2')]);
    for (const position of lost) expect(await before.readAfter('anna', position, 10)).toBeNull();
    expect(new Set([...lost, ...grown]).size).toBe(4);
    // The caller has seen 2 decided: nothing is stored over the loss.
    expect(
      await before.decide('anna', 'page', { n: 3, key: 'k3', verdict: 'done', publications: [] }, 2),
    ).toEqual({ decided: 1, stored: null });
  });
});

describe('a connection that is lost', () => {
  it('in the midst of a transaction: what has a mark is done again and once, and what has none fails', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    await engine.append('anna', [text(0)]);
    await engine.append('cleo', [text(0)]);
    // Holds what each group does, so that it is cut in its midst.
    const holder = await connect(url);
    await holder.query(
      'CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$',
    );
    await holder.query(
      'CREATE TRIGGER held BEFORE INSERT ON statesocket.entry FOR EACH ROW EXECUTE FUNCTION hold()',
    );
    await holder.query('SELECT pg_advisory_lock(7)');
    const marked = engine.append('anna', [text(1)], mark(1));
    const unmarked = engine.append('cleo', [text(1)]).catch((error: Error) => error.message);
    const decided = engine.decide('dora', 'page', { n: 1, key: 'k', verdict: 'done', publications: [] }, 0);
    const waiting = "SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await vi.waitFor(
      async () => expect((await holder.query(waiting)).rows[0]?.count).toBeGreaterThan(0),
      4_000,
    );
    await cutAll(url);
    await holder.query('SELECT pg_advisory_unlock(7)');
    expect(await marked).toHaveLength(1);
    expect((await decided).decided).toBe(1);
    expect(await unmarked).toMatch(/may or may not be stored|shuts down/);
    expect(await textsOf(engine, 'anna')).toEqual([text(0), text(1)]);
  });

  it('again and again, under load: each marked append is there once, in the order of its origin', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    await engine.ready();
    let isOver = false;
    const cutting = (async () => {
      for (; !isOver; await sleep(40)) await cutAll(url);
    })();
    const origins = Array.from({ length: 10 }, (_, at) => `origin ${at}`);
    await Promise.all(
      origins.map(async (origin) => {
        for (let n = 1; n <= 20; n += 1)
          for (;;)
            try {
              await engine.append('anna', [text(`${origin} ${n}`)], { origin, n });
              break;
            } catch {
              // As a client does: it sends it again.
            }
      }),
    );
    isOver = true;
    await cutting;
    const log = (await textsOf(engine, 'anna')) ?? [];
    expect(log).toHaveLength(200);
    for (const origin of origins) {
      const own = log.filter((one) => one.includes(`"${origin} `));
      expect(own).toEqual(Array.from({ length: 20 }, (_, at) => text(`${origin} ${at + 1}`)));
    }
  });

  it('and is the one that listens: what was missed rings when it is back', async () => {
    const url = await makeDatabase();
    const [engine, other] = [open({ connectionString: url }), open({ connectionString: url })];
    const bell = vi.fn();
    other.subscribe('anna', bell);
    await engine.append('anna', [text(1)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    await query(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'statesocket doorbell'",
    );
    bell.mockClear();
    await engine.append('anna', [text(2)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 10_000);
  });
});

describe('a channel that', () => {
  it('somebody else fills with nonsense hurts nobody', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    const heard: string[] = [];
    const bell = vi.fn();
    engine.subscribe('anna', bell);
    const channel = engine.openChannel?.({ hear: (_, said) => heard.push(said), changed() {} });
    await channel?.place('anna', 1);
    const [node] = await query(url, 'SELECT node_id FROM statesocket.node');
    const channels = [
      `statesocket_n${node?.node_id}`,
      'statesocket_hello',
      ...Array.from({ length: 64 }, (_, at) => `statesocket_p${at}`),
    ];
    for (const payload of [
      '',
      'no JSON',
      'null',
      '{}',
      '[1,null,{}]',
      'a|0|1|[7]',
      'a|0|2|x',
      'a|0|1|[null,7]',
    ])
      await query(url, 'SELECT pg_notify(name, $2) FROM unnest($1::text[]) AS name', [channels, payload]);
    bell.mockClear();
    await engine.append('anna', [text(1)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 5_000);
    expect(heard).toEqual([]);
  });

  it('goes dead without a word is found out, and what was missed rings', async () => {
    const url = await makeDatabase();
    const { hostname, port } = new URL(url);
    let isDead = false;
    const proxy = createServer((near) => {
      const far = connectTcp({ host: hostname, port: Number(port) });
      const dies = isDead;
      // What is open when it goes dead carries nothing any more; what comes later does.
      near.on('data', (data) => (isDead && !dies ? null : far.write(data)));
      far.on('data', (data) => (isDead && !dies ? null : near.write(data)));
      for (const socket of [near, far])
        socket
          .on('error', () => {})
          .on('close', () => {
            near.destroy();
            far.destroy();
          });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const through = url.replace(`:${port}/`, `:${(proxy.address() as AddressInfo).port}/`);
    const other = open({ connectionString: url, listenConnectionString: through });
    const bell = vi.fn();
    other.subscribe('anna', bell);
    const engine = open({ connectionString: url });
    await vi.waitFor(async () => {
      bell.mockClear();
      await engine.append('anna', [text(0)]);
      await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 500);
    }, 10_000);
    isDead = true;
    bell.mockClear();
    await engine.append('anna', [text(1)]);
    await vi.waitFor(() => expect(bell).toHaveBeenCalled(), 30_000);
  });
});

describe('a transaction of somebody else', () => {
  const decision: Decision = { n: 1, key: 'k', verdict: 'done', publications: [] };

  it('that holds a slot holds up nobody but that user, and not for ever', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    await engine.append('anna', [text(1)]);
    const holder = await connect(url);
    await holder.query('BEGIN');
    await holder.query("SELECT FROM statesocket.slot WHERE user_id = 'anna' FOR UPDATE");
    const held = engine.append('anna', [text(2)]);
    const behind = engine.last('anna');
    for (let n = 1; n <= 20; n += 1) await engine.append('bert', [text(n)]);
    expect((await engine.decide('bert', 'page', decision, 0)).decided).toBe(1);
    await holder.query('COMMIT');
    const [id] = await held;
    expect(await behind).toBe(id);

    await holder.query('BEGIN');
    await holder.query("SELECT FROM statesocket.slot WHERE user_id = 'anna' FOR UPDATE");
    await expect(engine.append('anna', [text(3)])).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/Another transaction has held/),
    });
    await holder.query('ROLLBACK');
  });

  it('that deadlocks with the engine: one of the two is ended, and the append is there once', async () => {
    const url = await makeDatabase();
    const engine = open({ connectionString: url });
    await engine.append('anna', [text(1)]);
    const holder = await connect(url);
    // The engine holds the slot of anna and waits for a table; the other holds the table and waits for the slot.
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE statesocket.entry IN EXCLUSIVE MODE');
    const held = engine.append('anna', [text(2)], mark(2));
    const waiting =
      "SELECT count(*)::int AS count FROM pg_locks WHERE relation = 'statesocket.entry'::regclass AND NOT granted";
    await vi.waitFor(
      async () => expect((await holder.query(waiting)).rows[0]?.count).toBeGreaterThan(0),
      4_000,
    );
    const theirs = await holder.query("SELECT FROM statesocket.slot WHERE user_id = 'anna' FOR UPDATE").then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(['done', '40P01']).toContain(theirs);
    await holder.query('ROLLBACK');
    expect(await held).toHaveLength(1);
    expect(await textsOf(engine, 'anna')).toEqual([text(1), text(2)]);
  });

  it('and a statement timeout: what takes too long fails in words, alone', async () => {
    const url = await makeDatabase();
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET statement_timeout = '400ms'`);
    const engine = open({ connectionString: url });
    await engine.append('anna', [text(1)]);
    await query(
      url,
      `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$;
       CREATE TRIGGER slow BEFORE INSERT ON statesocket.entry FOR EACH ROW WHEN (NEW.user_id = 'anna') EXECUTE FUNCTION slow()`,
    );
    const results = await Promise.allSettled([
      engine.append('anna', [text(2)]),
      engine.append('bert', [text(1)]),
      engine.append('cleo', [text(1)]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(results[0]).toMatchObject({ reason: { message: expect.stringMatching(/statement_timeout/) } });
  });

  it('in a database whose transactions are serialisable: the engine keeps its promises', async () => {
    const url = await makeDatabase();
    await query(
      url,
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation = 'serializable'`,
    );
    const engines = [open({ connectionString: url }), open({ connectionString: url })];
    await Promise.all(
      engines.flatMap((engine, e) =>
        Array.from({ length: 15 }, async (_, n) => {
          for (;;)
            try {
              return await engine.append('anna', [text(`${e} ${n}`)], { origin: `${e} ${n}`, n: 1 });
            } catch {
              // As a client does: it sends it again.
            }
        }),
      ),
    );
    const [engine] = engines;
    const log = (await engine?.readAfter('anna', EMPTY_POSITION, 100)) ?? [];
    expect(log).toHaveLength(30);
    log.reduce((prev, entry) => {
      expect(entry.prev).toBe(prev);
      return entry.id;
    }, EMPTY_POSITION);
  });
});
