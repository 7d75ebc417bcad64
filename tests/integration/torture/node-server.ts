/**
 * One of several gateways of the torture, in a process of its own, on a store that is elsewhere. SIGTERM drains it.
 *
 * node node-server.js STORE URL PORT RETAINED_COUNT USERS HISTORY_URL
 */
import { createServer } from 'node:http';
import { createGateway } from '../../../src/gateway/index.ts';
import { createChatApp } from '../../simulation/delivery/chat-app.ts';
import { openStore } from './stores.ts';

const [name = '', url = '', port = '', retainedCount = '', userNames = '', historyUrl = ''] =
  process.argv.slice(2);
const users = userNames.split(',');
const store = await openStore(name, { url, maxCount: Number(retainedCount), users, historyUrl });

const tell = (news: object) => process.send?.(news);
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://history.test');
  try {
    response.end(
      JSON.stringify(await store.messagesSince(pathname.slice(1), Number(searchParams.get('place')))),
    );
  } catch {
    // The store is away: the page asks again.
    response.destroy();
  }
});
const app = createChatApp();
const gateway = createGateway({
  server,
  engine: store.engine,
  authenticate: async (token) => ({ userId: token }),
  allowedOrigins: [],
  presence: { watchers: () => users, watched: () => users },
  heartbeatMs: 1_000,
  maxCommandsPerSecond: 500,
  handle: (command, context) => app.handle(command, context, async () => {}),
  onError: ({ code }) => tell({ reported: code }),
});

/** The app's own messages: rows of its outbox, which any node publishes until they are known to be. */
const ANNOUNCE_EVERY_MS = 700;
let isAnnouncing = true;
const announce = async () => {
  if (isAnnouncing) await store.addAnnouncement();
  for (const { row, ref } of await store.dueAnnouncements()) {
    await gateway.publish(users, { type: 'SAID', uid: ref, ref, part: 0 }, { outbox: 'news', row });
    await store.announced(row);
  }
};
const announceSoon = () => {
  setTimeout(async () => {
    await announce().catch(() => tell({ reported: 'announcement-failed' }));
    announceSoon();
  }, ANNOUNCE_EVERY_MS);
};

process.on('message', ({ announcing }: { announcing?: boolean }) => {
  isAnnouncing = announcing ?? isAnnouncing;
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', async () => {
  await gateway.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  process.exit(0);
});
server.listen(Number(port), '127.0.0.1', () => {
  tell({ listening: true });
  announceSoon();
});
