/** Our own gateway with its defaults: a HEARTBEAT every 14 s. The token is the user's name. */
import { createServer } from 'node:http';
import { createGateway, memoryEngine } from 'statesocket/gateway';

export const listen = (port) => {
  const server = createServer();
  createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async (token) => ({ userId: token }),
    allowedOrigins: [],
    handle() {},
  });
  return server.listen(port, '127.0.0.1');
};
