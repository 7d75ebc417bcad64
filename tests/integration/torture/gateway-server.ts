/**
 * The server of the torture, in a process of its own: the real gateway on the sqlite engine, and the app's HTTP history.
 * Told `{ full: true }` by its parent, its file may not grow by one more page, so that SQLite answers SQLITE_FULL. SIGTERM
 * drains it.
 *
 * node gateway-server.js FILE PORT RETAINED_COUNT USERS
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type Database from 'libsql';
import { sqliteEngineOn } from '../../../src/gateway/engine/sqlite-engine.ts';
import { createGateway } from '../../../src/gateway/index.ts';
import { limitedThread } from '../../gateway/support/limited-thread.ts';
import { createChatApp } from '../../simulation/delivery/chat-app.ts';
import { installWitness, messagesSince } from './witness.ts';

const [file = '', port = '', retainedCount = '', userNames = ''] = process.argv.slice(2);
const users = userNames.split(',');

const limit = limitedThread();
const engine = sqliteEngineOn({ file, retention: { maxCount: Number(retainedCount) } }, limit.start);
/** The app's own connection to the same file. */
const Libsql: typeof Database = createRequire(import.meta.url)('libsql');
const database = new Libsql(file);
database.pragma('busy_timeout = 5000');
installWitness(database);
database.exec(`CREATE TABLE IF NOT EXISTS announcement (
  row INTEGER PRIMARY KEY, ref TEXT NOT NULL, users TEXT NOT NULL, at INTEGER NOT NULL, published INTEGER NOT NULL
)`);

const tell = (news: object) => process.send?.(news);
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://history.test');
  const have = messagesSince(database, pathname.slice(1), Number(searchParams.get('place')));
  response.end(JSON.stringify(have));
});
const app = createChatApp();
const gateway = createGateway({
  server,
  engine,
  authenticate: async (token) => ({ userId: token }),
  allowedOrigins: [],
  heartbeatMs: 1_000,
  maxCommandsPerSecond: 500,
  handle: (command, context) => app.handle(command, context, async () => {}),
  onError: ({ code }) => tell({ reported: code }),
});

/** The app's own messages: a row of its outbox, which is published until it is known to be. */
const ANNOUNCE_EVERY_MS = 500;
let isAnnouncing = true;
const announce = async () => {
  const count = database.prepare('SELECT count(*) AS count FROM announcement').get() as { count: number };
  const row = count.count + 1;
  if (isAnnouncing)
    database
      .prepare('INSERT INTO announcement VALUES (?, ?, ?, ?, 0)')
      .run(row, `news#${row}`, JSON.stringify(users), Date.now());
  const due = database.prepare('SELECT row, ref FROM announcement WHERE published = 0 ORDER BY row').all();
  for (const { row: number, ref } of due as { row: number; ref: string }[]) {
    await gateway.publish(users, { type: 'SAID', uid: ref, ref, part: 0 }, { outbox: 'news', row: number });
    database.prepare('UPDATE announcement SET published = 1 WHERE row = ?').run(number);
  }
};
const announceSoon = () => {
  setTimeout(async () => {
    // A full disk: the row waits, or was never taken.
    await announce().catch(() => tell({ reported: 'announcement-failed' }));
    announceSoon();
  }, ANNOUNCE_EVERY_MS);
};

const pragma = (text: string): number =>
  Number(Object.values((database.pragma(text) as Record<string, number>[])[0] ?? {})[0]);
const ANY_PAGES_COUNT = 1_073_741_823;
process.on('message', ({ full, announcing }: { full?: boolean; announcing?: boolean }) => {
  if (full !== undefined) {
    void limit.setFull(full);
    pragma(`max_page_count = ${full ? pragma('page_count') : ANY_PAGES_COUNT}`);
  }
  isAnnouncing = announcing ?? isAnnouncing;
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', async () => {
  await gateway.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await engine.close();
  process.exit(0);
});
server.listen(Number(port), '127.0.0.1', () => {
  tell({ listening: true });
  announceSoon();
});
