/**
 * One of several nodes of tRPC: a subscription whose events are `tracked()`, out of a Redis stream for each user, so that a client that
 * comes back names the last one that it has. Mutations as its documents have them: nobody repeats one whose fate is not known.
 *
 * node trpc-tracked.mjs REDIS_URL PORT
 */
import { WebSocketServer } from 'ws';
import { applyWSSHandler, createRedisClient, initTRPC, tracked } from '../../rivals/index.mjs';

const [url, port] = process.argv.slice(2);
const open = async () => {
  const client = createRedisClient({ url });
  client.on('error', () => {}); // it connects again by itself
  await client.connect();
  return client;
};
const writer = await open();
const streamOf = (user) => `inbox:${user}`;
const READ_MS = 1_000;

const t = initTRPC.context().create();
const as = (check) => (value) => {
  if (check(value)) return value;
  throw new TypeError('The input is not what this procedure takes.');
};
const router = t.router({
  say: t.procedure
    .input(as((value) => typeof value?.uid === 'string'))
    .mutation(async ({ input: { uid, to, parts, mood }, ctx: { user } }) => {
      if (mood === 'refused') return { rejected: 'not-allowed' };
      const all = writer.multi();
      for (const other of new Set([...to, user]))
        for (let part = 0; part < parts; part += 1)
          all.xAdd(streamOf(other), '*', { ref: uid, part: String(part) });
      await all.exec();
      return {};
    }),
  said: t.procedure
    .input(as((value) => value === undefined || typeof value === 'object'))
    .subscription(async function* ({ input, ctx: { user }, signal }) {
      const reader = await open();
      const end = () => {
        if (reader.isOpen) reader.destroy();
      };
      signal?.addEventListener('abort', end);
      try {
        const key = streamOf(user);
        const newest = async () => (await reader.xRevRange(key, '+', '-', { COUNT: 1 }))[0]?.id ?? '0-0';
        let id = input?.lastEventId ?? (await newest());
        while (!signal?.aborted) {
          const found = await reader.xRead({ key, id }, { BLOCK: READ_MS, COUNT: 100 });
          for (const { id: next, message } of found?.[0]?.messages ?? []) {
            id = next;
            yield tracked(next, { ref: message.ref, part: Number(message.part) });
          }
        }
      } finally {
        end();
      }
    }),
});

const wss = new WebSocketServer({ port: Number(port), host: '127.0.0.1' });
applyWSSHandler({
  wss,
  router,
  createContext: ({ req }) => ({ user: new URL(req.url ?? '', 'http://node.test').searchParams.get('user') }),
  keepAlive: { enabled: true, pingMs: 1_000, pongWaitMs: 5_000 },
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => {
  for (const client of wss.clients) client.close(1012);
  wss.close(() => process.exit(0));
  setTimeout(() => process.exit(0), 1_500).unref();
});
wss.on('listening', () => process.send({ listening: true }));
