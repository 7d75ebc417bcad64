import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * How long a request may take to arrive, in ms: its headers, and all of it. Node looks every `connectionsCheckingInterval`, so
 * that half a request is gone after 14 s. Its own defaults are 60 s, 300 s and 30 s.
 */
export const REQUEST_PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 12_000,
  connectionsCheckingInterval: 2_000,
} as const;

/** More sockets than the gateway takes: there is room for requests when it is full. */
const MAX_CONNECTIONS_COUNT = 12_000;
/** How long requests that are under way may take when the server stops. */
const LAST_REQUESTS_MS = 2_000;
/** How often connections are looked for whose last request is done. */
const IDLE_CHECK_MS = 50;

/** An HTTP server that can be stopped whatever its peers do. */
export interface StoppableServer {
  readonly server: Server;
  /**
   * Takes no new connections, lets requests under way finish, and ends within 2 s: then every socket is destroyed, also those
   * that were upgraded and those that never sent a byte.
   */
  stop(): Promise<void>;
}

export const createHttpServer = (): StoppableServer => {
  const server = createServer(REQUEST_PATIENCE);
  server.maxConnections = MAX_CONNECTIONS_COUNT;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    if (sockets.has(socket)) return; // the gateway gives back what it does not take
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    stop: () =>
      new Promise((resolve) => {
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
        const impatience = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, LAST_REQUESTS_MS);
        // Calls back at once, with an error, when the server has never listened.
        server.close(() => {
          clearInterval(idle);
          clearTimeout(impatience);
          resolve();
        });
      }),
  };
};
