/** One server under test, in a process of its own; the parent asks for its figures. Its one argument is the kind. */
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { WebSocketServer } from 'ws';

/** As often as the gateway does it by default. */
const PING_MS = 14_000;
const HOST = '127.0.0.1';

/** A token is `t-N`, and of user `u-N`. Both servers look it up in a Map, as an app with its sessions in memory does. */
const userOf = new Map(Array.from({ length: 20_000 }, (_, index) => [`t-${index}`, `u-${index}`]));

const server = createServer((_request, response) => response.writeHead(404).end());

/** What somebody writes who has read the manual of `ws`: tokens are judged, the dead are found by pings, by user a list. */
const plain = () => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  const byUser = new Map();
  server.on('upgrade', (request, socket, head) => {
    const userId = userOf.get(request.url.split('/')[2]);
    if (userId === undefined) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.isAlive = true;
      ws.on('error', () => {});
      ws.on('pong', () => {
        ws.isAlive = true;
      });
      ws.on('message', (data) => JSON.parse(String(data)));
      const own = byUser.get(userId) ?? new Set();
      byUser.set(userId, own.add(ws));
      ws.on('close', () => {
        own.delete(ws);
        if (own.size === 0) byUser.delete(userId);
      });
    });
  });
  setInterval(() => {
    for (const ws of sockets.clients) {
      if (!ws.isAlive) {
        ws.terminate();
        continue;
      }
      ws.isAlive = false;
      ws.ping();
    }
  }, PING_MS);
  return {
    count: () => sockets.clients.size,
    broadcast(userIds, message) {
      const text = JSON.stringify(message);
      for (const userId of userIds) for (const ws of byUser.get(userId) ?? []) ws.send(text);
    },
  };
};

const statesocket = () => {
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async (token) => {
      const userId = userOf.get(token);
      return userId === undefined ? null : { userId };
    },
    allowedOrigins: [],
    handle() {},
    heartbeatMs: PING_MS,
    // All clients of a benchmark come from one address.
    maxPendingHandshakes: 20_000,
    maxPendingHandshakesPerAddress: 20_000,
    maxSockets: 20_000,
    maxSocketsPerAddress: 20_000,
    onError(error) {
      if (error.code !== 'socket-error') console.error(error.code, error.message);
    },
  });
  return {
    count: () => gateway.connectionCount,
    broadcast: (userIds, message) => gateway.publishVolatile(userIds, message),
  };
};

const subject = { plain, statesocket }[process.argv[2]]();
const delay = monitorEventLoopDelay({ resolution: 1 });

const asked = {
  /** What the process has used until now; `gc` first, for the memory. */
  figures: ({ gc }) => {
    if (gc) for (let round = 0; round < 3; round += 1) globalThis.gc();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return { cpuUs: user + system, rss, heapUsed, count: subject.count(), maxDelayMs: delay.max / 1e6 };
  },
  watchDelay: () => {
    delay.reset();
    delay.enable();
    return {};
  },
  broadcast: ({ count, messages }) => {
    const userIds = Array.from({ length: count }, (_, index) => `u-${index}`);
    const payload = {
      conversationId: 'c-1',
      text: 'Ada is typing, or so it seems',
      sentAt: 1_795_500_000_000,
    };
    for (let sent = 0; sent < messages; sent += 1)
      subject.broadcast(userIds, { type: 'TYPING', payload, sender: 'u-1042' });
    return {};
  },
};
process.on('message', ({ id, name, ...input }) => process.send({ id, output: asked[name](input) }));
process.on('disconnect', () => process.exit());
server.listen(0, HOST, () => process.send({ port: server.address().port }));
