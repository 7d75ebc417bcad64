import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  createGateway,
  type Gateway,
  type GatewayOptions,
  memoryEngine,
} from '../../../src/gateway/index.ts';
import type { StatesocketError } from '../../../src/protocol/index.ts';

export const PAGE = 'https://red.gift';

/** A real `ws` client and what it has seen. */
export interface Client {
  readonly ws: WebSocket;
  /** Every text frame, parsed, in order, but for the WELCOME that each socket begins with. */
  readonly frames: readonly Record<string, unknown>[];
  readonly binaries: readonly Uint8Array[];
  readonly closed: Promise<{ code: number; reason: string }>;
  send(message: unknown): void;
  /** The frames of one type. */
  of(type: string): readonly Record<string, unknown>[];
  /** Waits for one round trip: what either side sent before it has arrived by then. Fails when the socket closes first. */
  caughtUp(): Promise<void>;
}

export interface Harness {
  readonly gateway: Gateway;
  readonly server: Server;
  readonly port: number;
  readonly errors: readonly StatesocketError[];
  /** Opens a socket as a user, or with another path. Does not wait, and says nothing. */
  dial(userId: string, options?: ClientOptions & { path?: string }): Client;
  /** Opens a socket as a user and waits until the gateway takes it for a plain client: its first frame is an empty batch. */
  connect(userId: string, options?: ClientOptions): Promise<Client>;
}

export const tokenOf = (userId: string): string => `token-of-${userId}`;
export const userOf = (token: string): { userId: string } | null =>
  token.startsWith('token-of-') ? { userId: token.slice('token-of-'.length) } : null;

let tripCount = 0;
const watch = (ws: WebSocket): Client => {
  const frames: Record<string, unknown>[] = [];
  const binaries: Uint8Array[] = [];
  ws.on('message', (data, isBinary) => {
    if (isBinary) binaries.push(new Uint8Array(data as Buffer));
    else if (frames.push(JSON.parse(String(data))) === 1 && frames[0]?.type === 'WELCOME') frames.pop();
  });
  ws.on('error', () => {}); // a refused or broken handshake; `closed` tells
  const of = (type: string) => frames.filter((frame) => frame.type === type);
  return {
    ws,
    frames,
    binaries,
    of,
    closed: new Promise((resolve) =>
      ws.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    ),
    send: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    caughtUp: () =>
      new Promise((resolve, reject) => {
        tripCount += 1;
        const trip = `trip ${tripCount}`;
        const finish = () => {
          ws.off('pong', onPong);
          ws.off('close', onClose);
        };
        const onPong = (data: Buffer) => {
          if (String(data) !== trip) return;
          finish();
          resolve();
        };
        const onClose = () => {
          finish();
          reject(new Error('The socket closed during a round trip.'));
        };
        ws.on('pong', onPong);
        ws.on('close', onClose);
        ws.ping(trip);
      }),
  };
};

/** Starts a gateway on a real HTTP server; all of it is gone when the test ends. */
export const startGateway = async (options: Partial<GatewayOptions> = {}): Promise<Harness> => {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const errors: StatesocketError[] = [];
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async (token) => userOf(token),
    allowedOrigins: [PAGE],
    handle: () => {},
    onError: (error) => errors.push(error),
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clients: Client[] = [];
  onTestFinished(async () => {
    for (const { ws } of clients) ws.terminate();
    await gateway.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const dial: Harness['dial'] = (userId, { path = `/connect/${tokenOf(userId)}/`, ...rest } = {}) => {
    const client = watch(new WebSocket(`ws://127.0.0.1:${port}${path}`, rest));
    clients.push(client);
    return client;
  };
  return {
    gateway,
    server,
    port,
    errors,
    dial,
    async connect(userId, rest) {
      const client = dial(userId, rest);
      await new Promise<void>((resolve, reject) => {
        client.ws.once('open', resolve);
        client.ws.once('error', reject);
      });
      client.send([]);
      await client.caughtUp();
      return client;
    },
  };
};
