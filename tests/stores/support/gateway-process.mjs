/** A gateway in a process of its own: `gateway-process.mjs MODULE#FUNCTION OPTIONS`, an engine by its import. Does what it is asked by messages. */
import { createServer } from 'node:http';
import { createGateway } from 'statesocket/gateway';

const [, , engineName, options] = process.argv;
const [path, name] = engineName.split('#');
const engine = (await import(path))[name](JSON.parse(options));
const everybody = ['anna', 'bert', 'cleo'];
const server = createServer();
const gateway = createGateway({
  server,
  engine,
  authenticate: async (token) => ({ userId: token }),
  allowedOrigins: [],
  presence: { watchers: () => everybody, watched: () => everybody },
  heartbeatMs: 2_000,
  presenceGraceMs: 500,
  handle(command, { userId, publish, publishVolatile }) {
    if (command.kind !== 'message') return;
    const { type, to, text } = command.message;
    if (type === 'SAY') publish([userId, to], { type: 'SAID', from: userId, text });
    if (type === 'TYPES') publishVolatile([to], { type: 'TYPING', from: userId });
  },
  onError: (error) => process.send?.({ error: `${error.code}: ${error.message}` }),
});
const tasks = {
  disconnectUser: ([userId, code, reason]) => gateway.disconnectUser(userId, code, reason),
  publish: ([userIds, message]) => gateway.publish(userIds, message),
  findOnline: ([userIds]) => gateway.findOnline(userIds),
  async stop() {
    server.close();
    await gateway.close();
    await engine.close();
    setImmediate(() => process.disconnect());
  },
};
process.on('message', async ({ id, task, args }) => {
  try {
    process.send({ id, result: (await tasks[task](args)) ?? null });
  } catch (error) {
    process.send({ id, failed: String(error) });
  }
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
