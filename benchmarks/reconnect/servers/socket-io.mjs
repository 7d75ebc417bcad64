/** Socket.IO's own server with its defaults: a ping every 25 s, 20 s to answer. */
import { createServer } from 'node:http';
import { SocketIoServer } from '../../rivals/index.mjs';

export const listen = (port) => {
  const server = createServer();
  new SocketIoServer(server);
  return server.listen(port, '127.0.0.1');
};
