/** The packed gateway on a real socket and a real database, run by `check-peers.mjs` with one set of peers after the other. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { register } from 'prom-client';
import { createConnection } from 'statesocket';
import { createGateway, sqliteEngine } from 'statesocket/gateway';
import { prometheusObserver } from 'statesocket/gateway/metrics';
import { postgresEngine } from 'statesocket/gateway/postgres';
import { redisEngine } from 'statesocket/gateway/redis';
import { openTelemetryObserver } from 'statesocket/gateway/tracing';
import { inspectConnection } from 'statesocket/stately';
import { WebSocket } from 'ws';

const server = createServer();
const gateway = createGateway({
  server,
  engine: sqliteEngine({ file: 'messages.db' }),
  authenticate: async () => ({ userId: 'ada' }),
  allowedOrigins: [],
  handle() {},
  observers: [prometheusObserver(), openTelemetryObserver()],
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const connection = createConnection({
  url: `ws://127.0.0.1:${server.address().port}/connect/token/`,
  WebSocket,
});
const told = [];
inspectConnection(connection, { send: ({ type }) => told.push(type) });
const heard = [];
connection.on('CHAT', ({ text }) => heard.push(text));
connection.connect({ userId: 'ada' });
const until = async (holds) => {
  for (let n = 0; n < 200 && !holds(); n += 1) await new Promise((resolve) => setTimeout(resolve, 20));
};
await until(() => connection.delivery.getSnapshot().isCaughtUp && told.length > 0);
gateway.publish(['ada'], { type: 'CHAT', text: 'hello' });
await until(() => heard.length > 0);
const isCounted = (await register.metrics()).includes('statesocket_dial_accepted_total 1');
const holds =
  isCounted &&
  typeof postgresEngine === 'function' &&
  typeof redisEngine === 'function' &&
  connection.status === 'open' &&
  heard.join() === 'hello' &&
  told.includes('@xstate.actor');
console.log(holds ? 'well' : `${connection.status}, heard ${heard.join()}, told ${told.join()}`);
connection.dispose();
await gateway.close();
process.exit(0);
