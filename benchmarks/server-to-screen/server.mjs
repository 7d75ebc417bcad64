/**
 * RednGift as built, with one conversation that a stand-in for its HTTP API knows of, and the gateway on its sqlite
 * engine. Told `{ first, count, perSecond }`, it publishes that many messages at a steady pace; each says its number,
 * counted from `first`, and when it was handed to the gateway.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createGateway, sqliteEngine } from 'statesocket/gateway';

const WEB = new URL('../../app/dist/web/', import.meta.url);
const MIME = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const USER = { id: 'ben', name: 'Ben', email: 'ben@demo.test' };
const CONVERSATION = {
  id: 'c1',
  groupId: 'g1',
  groupName: 'Office party',
  role: 'recipient',
  title: 'Your Secret Santa',
  partnerId: null,
  unreadCount: 0,
  lastMessage: null,
};
/** The least a page can do: no React, no store, no statesocket. It shows what the machine itself takes. */
const BARE_PAGE = `<!doctype html><ol role="status" data-status="connecting"></ol><script>
  const list = document.querySelector('ol');
  const socket = new WebSocket('ws://' + location.host + '/connect/a-token/');
  socket.onopen = () => { list.dataset.status = 'open'; };
  socket.onmessage = ({ data }) => {
    const { type, id, payload } = JSON.parse(data);
    if (type !== 'NEW_MESSAGE') return;
    const item = document.createElement('li');
    item.innerHTML = '<p class="bubble-text"></p>';
    item.firstChild.textContent = payload.text;
    list.append(item);
    if (list.children.length > 500) list.firstChild.remove();
    socket.send(JSON.stringify({ type: 'ACK', messageId: id }));
  };
</script>`;
const ANSWERS = {
  '/api/session': USER,
  '/api/conversations': [CONVERSATION],
  '/api/ticket': { ticket: 'a-ticket', expiresInMs: 30_000 },
};

const now = () => performance.timeOrigin + performance.now();

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname.startsWith('/api/')) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ANSWERS[pathname] ?? []));
    return;
  }
  if (pathname === '/now') {
    response.end(String(now()));
    return;
  }
  if (pathname === '/bare') {
    response.setHeader('content-type', 'text/html');
    response.end(BARE_PAGE);
    return;
  }
  const file = extname(pathname) === '' ? 'index.html' : pathname.slice(1);
  if (!existsSync(new URL(file, WEB))) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', MIME[extname(file)] ?? 'application/octet-stream');
  response.end(readFileSync(new URL(file, WEB)));
});

const folder = mkdtempSync(join(tmpdir(), 'server-to-screen-'));
const engine = sqliteEngine({ file: join(folder, 'inbox.db') });
const gateway = createGateway({
  server,
  engine,
  authenticate: async () => ({ userId: USER.id }),
  allowedOrigins: () => true,
  handle: () => {},
});

/** Answers how long the engine took to store it, in ms: that is part of the way to the screen. */
const publish = async (number) => {
  const sentAt = now();
  await gateway.publish([USER.id], {
    type: 'NEW_MESSAGE',
    sender: CONVERSATION.title,
    payload: {
      id: `m${number}`,
      conversationId: CONVERSATION.id,
      mine: false,
      text: `${number} ${sentAt}`,
      imageId: null,
      sentAt: Math.floor(sentAt),
      key: null,
    },
  });
  return now() - sentAt;
};

const stream = ({ first, count, perSecond }) =>
  new Promise((resolve) => {
    const beganAt = now();
    const stored = [];
    let sentCount = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor(((now() - beganAt) / 1_000) * perSecond));
      for (; sentCount < due; sentCount += 1) stored.push(publish(first + sentCount));
      if (sentCount < count) return;
      clearInterval(timer);
      resolve(Promise.all(stored));
    }, 2);
  });

process.on('message', async (order) => {
  process.send({ storedMs: await stream(order) });
});
process.on('disconnect', async () => {
  await gateway.close();
  await engine.close();
  rmSync(folder, { recursive: true });
  process.exit();
});
server.listen(0, 'localhost', () => process.send({ port: server.address().port }));
