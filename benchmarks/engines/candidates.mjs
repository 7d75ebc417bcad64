/** What is measured: each appends one text to one user's log, durably. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { createClient } from 'redis';

const Database = createRequire(import.meta.url)('libsql');

/**
 * One row of an entry and nothing else; inserts that wait share a transaction. On the event loop, as libsql's own calls are:
 * the floor of what SQLite costs.
 */
const raw = (file) => {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`CREATE TABLE entry (user_id TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, prev TEXT NOT NULL,
    text TEXT NOT NULL, appended_at INTEGER NOT NULL, PRIMARY KEY (user_id, number))`);
  const insert = database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  let waiting = [];
  let number = 0;
  const flush = () => {
    const group = waiting;
    waiting = [];
    begin.run();
    for (const { userId, text } of group) {
      number += 1;
      insert.run(userId, number, `${number}-abcdefabcdef`, `${number - 1}-abcdefabcdef`, text, Date.now());
    }
    commit.run();
    for (const { resolve } of group) resolve();
  };
  return {
    append: (userId, [text]) =>
      new Promise((resolve) => {
        waiting.push({ userId, text, resolve });
        if (waiting.length === 1) setImmediate(flush);
      }),
    close: async () => database.close(),
  };
};

/** The same on Postgres: one INSERT of all rows that wait, two at once as the engine has them. The floor of what Postgres costs. */
const rawPostgres = async (connectionString) => {
  const pool = new pg.Pool({ connectionString, max: 2 });
  await pool.query(`CREATE TABLE raw_entry (user_id text NOT NULL, number bigint NOT NULL, id text NOT NULL, prev text NOT NULL,
    text text NOT NULL, appended_at bigint NOT NULL, PRIMARY KEY (user_id, number))`);
  let waiting = [];
  let number = 0;
  let underWayCount = 0;
  const flush = async () => {
    if (waiting.length === 0 || underWayCount === 2) return;
    const group = waiting;
    waiting = [];
    underWayCount += 1;
    const numbers = group.map(() => {
      number += 1;
      return number;
    });
    await pool.query(
      `INSERT INTO raw_entry SELECT u, n, n || '-abcdefabcdef', n - 1 || '-abcdefabcdef', t, $4
       FROM unnest($1::text[], $2::bigint[], $3::text[]) AS x (u, n, t)`,
      [group.map(({ userId }) => userId), numbers, group.map(({ text }) => text), Date.now()],
    );
    underWayCount -= 1;
    for (const { resolve } of group) resolve();
    setImmediate(flush);
  };
  return {
    append: (userId, [text]) =>
      new Promise((resolve) => {
        waiting.push({ userId, text, resolve });
        if (waiting.length === 1) setImmediate(flush);
      }),
    close: () => pool.end(),
  };
};

/** An XADD each on one connection, which pipelines what comes in one turn. The floor of what Redis costs. */
const rawRedis = async (url) => {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return {
    append: (userId, [text]) => client.xAdd(`raw {${userId}}`, '*', { text }),
    close: async () => client.destroy(),
  };
};

/** Stores nothing, and takes a turn of the event loop: what the machine itself does to a process. */
const nothing = {
  append: () => new Promise((resolve) => setImmediate(resolve)),
  close: async () => {},
};

/**
 * @param name `nothing`, `raw`, `raw postgres`, `raw redis`, or `MODULE#FUNCTION` of a built gateway.
 * @param place A file, or the address of an empty database.
 */
export const openCandidate = async (name, place) => {
  if (name === 'nothing') return nothing;
  if (name === 'raw') return raw(place);
  if (name === 'raw postgres') return rawPostgres(place);
  if (name === 'raw redis') return rawRedis(place);
  const [path, engine] = name.split('#');
  const options = {
    memoryEngine: {},
    postgresEngine: { connectionString: place },
    redisEngine: { url: place },
  }[engine] ?? { file: place };
  return (await import(pathToFileURL(path).href))[engine](options);
};
