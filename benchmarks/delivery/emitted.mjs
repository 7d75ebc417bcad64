/** What the servers on Socket.IO had for whom, in the words of the torture: as the witness of our own engine's file. */
import { readFile } from 'node:fs/promises';
import Libsql from 'libsql';

const told = (user, at, entries) => ({ at, happening: { what: 'appended', user, entries } });

/** Of the server without a database: what it was about to emit. */
export const emitted = async (file) => {
  const text = await readFile(`${file}.emitted`, 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return rows.flatMap(({ id, ref, parts, users, at }) => {
    const entries = Array.from({ length: parts }, (_, part) => ({ id: `${id}-${part}`, ref, part }));
    return users.map((user) => told(user, at, entries));
  });
};

/** Of the server with one: its rows. */
export const stored = async (file) => {
  const database = new Libsql(file);
  const rows = database.prepare('SELECT id, ref, part, users, at FROM message ORDER BY id').all();
  database.close();
  return rows.flatMap(({ id, ref, part, users, at }) =>
    JSON.parse(users).map((user) => told(user, at, [{ id: String(id), ref, part }])),
  );
};
