/** One node under test, in a process of its own: `node.mjs KIND PLACE PORT`. The parent asks for its figures. */
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGateway, memoryEngine, sqliteEngine } from 'statesocket/gateway';
import { postgresEngine } from 'statesocket/gateway/postgres';
import { redisEngine } from 'statesocket/gateway/redis';
import { WebSocketServer } from 'ws';

const [, , kind, place, port] = process.argv;
const USERS_COUNT = 40_000;
/** So many users are in a room. */
const ROOM_COUNT = 6;

/** A token is `t-N`, and of user `u-N`: a look into a Map, as an app with its sessions in memory has it. */
const userOf = new Map(Array.from({ length: USERS_COUNT }, (_, index) => [`t-${index}`, `u-${index}`]));
const roomOf = (userId) => {
  const first = Math.floor(Number(userId.slice(2)) / ROOM_COUNT) * ROOM_COUNT;
  return Array.from({ length: ROOM_COUNT }, (_, at) => `u-${first + at}`);
};

const server = createServer((_request, response) => response.writeHead(404).end());

/** `ws` alone: a message goes to the sockets of a user, and is gone. */
const plain = () => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  const byUser = new Map();
  const tell = (userIds, message) => {
    const text = JSON.stringify(message);
    for (const userId of userIds) byUser.get(userId)?.send(text);
  };
  server.on('upgrade', (request, socket, head) => {
    const userId = userOf.get(request.url.split('/')[2]);
    if (userId === undefined) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (ws) => {
      byUser.set(userId, ws);
      ws.on('error', () => {});
      ws.on('close', () => byUser.delete(userId));
      ws.on('message', (data) => {
        const { type, to, at, text, n } = JSON.parse(String(data));
        if (type === 'SAY') {
          tell([userId, to], { type: 'SAID', from: userId, at, text });
          tell([userId], { type: 'RECEIPT', n });
        }
        if (type === 'ECHO') tell([userId], { type: 'ECHOED', at, text });
        if (type === 'SHOUT') tell(roomOf(userId), { type: 'SHOUTED', at, text });
      });
    });
  });
  setInterval(() => {
    for (const ws of sockets.clients) ws.ping();
  }, 14_000);
  return { count: () => sockets.clients.size };
};

const engineOf = {
  memory: () => memoryEngine(),
  sqlite: () => sqliteEngine({ file: place }),
  postgres: () => postgresEngine({ connectionString: place }),
  redis: () => redisEngine({ url: place }),
};
const statesocket = () => {
  const gateway = createGateway({
    server,
    engine: engineOf[kind](),
    authenticate: async (token) => {
      const userId = userOf.get(token);
      return userId === undefined ? null : { userId };
    },
    allowedOrigins: [],
    handle({ kind: what, message }, { userId, publish, publishVolatile }) {
      if (what !== 'message') return;
      const { type, to, at, text } = message;
      if (type === 'SAY') publish([userId, to], { type: 'SAID', from: userId, at, text });
      if (type === 'ECHO') publishVolatile([userId], { type: 'ECHOED', at, text });
      if (type === 'SHOUT') publishVolatile(roomOf(userId), { type: 'SHOUTED', at, text });
    },
    // All clients of a benchmark come from one address.
    maxPendingHandshakes: USERS_COUNT,
    maxPendingHandshakesPerAddress: USERS_COUNT,
    maxSockets: USERS_COUNT,
    maxSocketsPerAddress: USERS_COUNT,
    onError(error) {
      if (error.code !== 'socket-error') console.error(error.code, error.message);
    },
  });
  return { count: () => gateway.connectionCount };
};

const subject = kind === 'plain' ? plain() : statesocket();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

const asked = {
  /** What the process has used until now; the delay since it was asked last. */
  figures: ({ gc }) => {
    if (gc) for (let round = 0; round < 3; round += 1) globalThis.gc();
    const { user, system } = process.cpuUsage();
    const { rss } = process.memoryUsage();
    const figures = {
      cpuUs: user + system,
      rss,
      count: subject.count(),
      delayP99Ms: delay.percentile(99) / 1e6,
    };
    delay.reset();
    return figures;
  },
};
process.on('message', ({ id, name, ...input }) => process.send({ id, output: asked[name](input) }));
process.on('disconnect', () => process.exit());
server.listen(Number(port), '127.0.0.1', () => process.send({ port: server.address().port }));
