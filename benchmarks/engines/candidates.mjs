/** What is measured: each appends one text to one user's log, durably. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

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

/** Stores nothing, and takes a turn of the event loop: what the machine itself does to a process. */
const nothing = {
  append: () => new Promise((resolve) => setImmediate(resolve)),
  close: async () => {},
};

/** `nothing`, `raw`, or `MODULE#FUNCTION` of a built gateway. */
export const openCandidate = async (name, file) => {
  if (name === 'nothing') return nothing;
  if (name === 'raw') return raw(file);
  const [path, engine] = name.split('#');
  const options = engine === 'memoryEngine' ? {} : { file };
  return (await import(pathToFileURL(path).href))[engine](options);
};
