/**
 * Socket.IO as step 8 of its tutorial has it, "exactly once": connection state recovery, each message in a database under
 * the name that the client gave it, and a client that was not recovered gets what is newer than its offset.
 * Told `{ full: true }`, its file may not grow.
 *
 * node socket-io-database.mjs FILE PORT
 */
import Libsql from 'libsql';
import { serve } from './serve.mjs';

const [file, port] = process.argv.slice(2);
const database = new Libsql(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT NOT NULL UNIQUE, ref TEXT NOT NULL, part INTEGER NOT NULL,
  users TEXT NOT NULL, at INTEGER NOT NULL
)`);
const insertPart = database.prepare(
  'INSERT INTO message (client_offset, ref, part, users, at) VALUES (?, ?, ?, ?, ?)',
);
const insert = database.transaction((offset, { uid, parts }, users) =>
  Array.from({ length: parts }, (_, part) => {
    const row = insertPart.run(`${offset}/${part}`, uid, part, JSON.stringify(users), Date.now());
    return { id: row.lastInsertRowid, ref: uid, part };
  }),
);
const newer = database.prepare(
  'SELECT id, ref, part FROM message WHERE id > ? AND EXISTS (SELECT 1 FROM json_each(users) WHERE value = ?) ORDER BY id',
);

const emitTo = (target, { id, ref, part }) => target.emit('said', { ref, part }, id);

serve(Number(port), (io, socket) => {
  const { user } = socket.data;
  socket.on('say', (message, offset, done) => {
    if (message.mood === 'refused') return done({ rejected: 'not-allowed' });
    const users = [...new Set([...message.to, user])];
    let rows;
    try {
      rows = insert(offset, message, users);
    } catch (error) {
      // As in the tutorial: a repeat is acknowledged; with anything else the client is left to try again.
      if (error.code === 'SQLITE_CONSTRAINT_UNIQUE') done({});
      return;
    }
    for (const row of rows) emitTo(io.to(users), row);
    done({});
  });
  if (socket.recovered) return;
  for (const row of newer.all(socket.handshake.auth.serverOffset ?? 0, user)) emitTo(socket, row);
});

const pageCount = () => Object.values(database.pragma('page_count')[0])[0];
process.on('message', ({ full }) => {
  if (full !== undefined) database.pragma(`max_page_count = ${full ? pageCount() : 1_073_741_823}`);
});
