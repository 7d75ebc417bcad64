/** What both servers on Socket.IO share: the settings of their connections, and how they end. */
import { createServer } from 'node:http';
import { SocketIoServer } from '../../rivals/index.mjs';

/**
 * @param {number} port
 * @param {(io: object, socket: object) => void} connected Hears of each connection; `socket.data.user` is who it is.
 * @param {object} [more] Other options of the server.
 */
export const serve = (port, connected, more = {}) => {
  const server = createServer();
  const io = new SocketIoServer(server, {
    transports: ['websocket'],
    connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1_000, skipMiddlewares: true },
    // As often as our gateway speaks in this benchmark, and as long as our client waits for an answer.
    pingInterval: 1_000,
    pingTimeout: 5_000,
    ...more,
  });
  io.on('connection', (socket) => {
    socket.data.user = socket.handshake.auth.user;
    socket.join(socket.data.user);
    connected(io, socket);
  });
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', async () => {
    await io.close();
    process.exit(0);
  });
  server.listen(port, '127.0.0.1', () => process.send({ listening: true }));
};
