import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressReader } from 'statesocket/gateway';

/**
 * How long a request may take to arrive, in ms: its headers, and all of it. Node looks every `connectionsCheckingInterval`, so
 * that half a request is gone after 14 s. Its own defaults are 60 s, 300 s and 30 s.
 */
export const REQUEST_PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 12_000,
  connectionsCheckingInterval: 2_000,
} as const;

/** More sockets than the gateway takes, in all and from one address: there is room for requests when it is full. */
const MAX_CONNECTIONS_COUNT = 12_000;
const MAX_PER_ADDRESS_COUNT = 1_200;
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

/**
 * @param maxPerAddress How many connections one address may have, also silent ones, which are ended after 12 s only. One more
 *   is destroyed. Infinity where a proxy stands before the server, which has the connections of all.
 */
export const createHttpServer = (maxPerAddress = MAX_PER_ADDRESS_COUNT): StoppableServer => {
  const server = createServer(REQUEST_PATIENCE);
  server.maxConnections = MAX_CONNECTIONS_COUNT;
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const addressOf = addressReader();
  server.on('connection', (socket: Socket) => {
    if (sockets.has(socket)) return; // the gateway gives back what it does not take
    const address = addressOf({ socket, headers: {} });
    const count = (counts.get(address) ?? 0) + 1;
    if (count > maxPerAddress) {
      socket.destroy();
      return;
    }
    counts.set(address, count);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
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
