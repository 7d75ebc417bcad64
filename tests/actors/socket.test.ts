import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createConnection, linearBackoff, type StatesocketError } from 'statesocket';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** The socket actor against servers that are real. Node 20 has no WebSocket of its own, so it dials with that of `ws`. */

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const listen = async (http: Server): Promise<number> => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
};

const startServer = async (upgradeStatus = 101) => {
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const sockets: WebSocket[] = [];
  const frames: unknown[] = [];
  const closes: number[] = [];
  http.on('upgrade', (request, stream, head) => {
    if (upgradeStatus !== 101) {
      stream.end(`HTTP/1.1 ${upgradeStatus} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    wss.handleUpgrade(request, stream, head, (socket) => {
      sockets.push(socket);
      socket.on('message', (data, isBinary) => frames.push(isBinary ? data : JSON.parse(String(data))));
      socket.on('close', (code) => closes.push(code));
    });
  });
  const port = await listen(http);
  cleanups.push(() => {
    for (const socket of sockets) socket.terminate();
    http.close();
  });
  return { url: `ws://127.0.0.1:${port}/connect/`, sockets, frames, closes };
};

const startClient = (url: string, options: { connectTimeoutMs?: number; stableAfterMs?: number } = {}) => {
  const connection = createConnection({
    url: () => url,
    WebSocket,
    backoff: linearBackoff({ stepMs: 60_000 }),
    ...options,
  });
  cleanups.push(() => connection.dispose());
  const errors: StatesocketError[] = [];
  connection.onError((error) => errors.push(error));
  const statuses: string[] = [];
  connection.subscribe(() => {
    if (statuses.at(-1) !== connection.status) statuses.push(connection.status);
  });
  connection.connect({ userId: 'ada' });
  return { connection, errors, statuses };
};

const openPair = async (options: { stableAfterMs?: number; ack?: true } = {}) => {
  const server = await startServer();
  const client = startClient(server.url, options);
  await vi.waitFor(() => expect(client.connection.status).toBe('open'));
  return { server, ...client, socket: server.sockets[0] as WebSocket };
};

describe('a real socket', () => {
  it('carries text and bytes both ways, and ACKs', async () => {
    const { server, socket, connection } = await openPair({ ack: true });
    const heard: unknown[] = [];
    connection.onMessage((message) => heard.push(message));
    connection.send({ type: 'HELLO', text: 'ünïcode ✓' });
    connection.sendBinary(new Uint8Array([1, 2, 3]));
    socket.send(JSON.stringify({ type: 'NEW_MESSAGE', id: 'm1' }));
    socket.send(new Uint8Array([9]));
    await vi.waitFor(() => expect(heard.length).toBe(2));
    expect(heard[0]).toEqual({ type: 'NEW_MESSAGE', id: 'm1' });
    expect(new Uint8Array((heard[1] as { data: ArrayBuffer }).data)).toEqual(new Uint8Array([9]));
    await vi.waitFor(() =>
      expect(server.frames).toEqual([
        { type: 'HELLO', text: 'ünïcode ✓' },
        Buffer.from([1, 2, 3]),
        { type: 'ACK', messageId: 'm1' },
      ]),
    );
  });

  it('is closed with 1000 on disconnect', async () => {
    const { server, connection } = await openPair();
    connection.disconnect();
    await vi.waitFor(() => expect(server.closes).toEqual([1000]));
    expect(connection.status).toBe('idle');
  });

  it('redials at once when the server closed it cleanly and it was stable', async () => {
    const { server, socket, connection } = await openPair({ stableAfterMs: 0 });
    socket.close(1001, 'going away');
    await vi.waitFor(() => expect(server.sockets.length).toBe(2));
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    expect(connection.getSnapshot()).toMatchObject({
      retryCount: 0,
      lastEnd: { cause: 'closed', code: 1001, reason: 'going away', wasClean: true },
    });
  });

  it('is in backoff with 1006, not clean, when the connection is cut', async () => {
    const { socket, connection, statuses } = await openPair();
    socket.terminate();
    await vi.waitFor(() => expect(connection.getSnapshot().lastEnd).not.toBeNull());
    expect(connection.getSnapshot().lastEnd).toEqual({
      cause: 'closed',
      code: 1006,
      reason: '',
      wasClean: false,
    });
    expect(statuses).toContain('backoff');
  });

  it('dials with a fresh token on 4401, and fails as rejected on the second', async () => {
    const { server, socket, connection } = await openPair();
    socket.close(4401, 'unauthenticated');
    await vi.waitFor(() => expect(server.sockets.length).toBe(2));
    server.sockets[1]?.close(4401, 'unauthenticated');
    await vi.waitFor(() => expect(connection.getSnapshot().failure).toBe('rejected'));
  });

  it.each([401, 503])('sees a refused upgrade (HTTP %i) as 1006, with one error', async (status) => {
    const server = await startServer(status);
    const { connection, errors } = startClient(server.url);
    await vi.waitFor(() => expect(connection.getSnapshot().lastEnd?.code).toBe(1006));
    expect(errors.map((error) => error.code)).toContain('socket-error');
    expect(connection.getSnapshot().lastEnd?.wasClean).toBe(false);
  });

  it('sees a port where nobody listens as 1006', async () => {
    const http = createServer();
    const port = await listen(http);
    await new Promise((resolve) => http.close(resolve));
    const { connection, errors } = startClient(`ws://127.0.0.1:${port}/secret-path/`);
    await vi.waitFor(() => expect(connection.getSnapshot().lastEnd?.code).toBe(1006));
    expect(errors.map((error) => `${error.message} ${String(error.cause)}`).join()).not.toContain(
      'secret-path',
    );
  });

  it('gives up on a server that accepts TCP and never answers, and hangs up on it', async () => {
    let ended = false;
    const tcp = createTcpServer((stream) =>
      stream
        .resume()
        .on('close', () => {
          ended = true;
        })
        .on('error', () => {}),
    );
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => void tcp.close());
    const { connection, errors } = startClient(`ws://127.0.0.1:${(tcp.address() as AddressInfo).port}/`, {
      connectTimeoutMs: 50,
    });
    await vi.waitFor(() => expect(connection.getSnapshot().lastEnd?.cause).toBe('deadline'));
    await vi.waitFor(() => expect(ended).toBe(true));
    expect(errors.map((error) => error.code)).toContain('connect-timeout');
  });

  it('I1 is given up while it connects without an unheard error, which would end a Node process', async () => {
    const server = await startServer();
    const { connection, errors } = startClient(server.url);
    connection.logout();
    connection.connect({ userId: 'ben' });
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toEqual([]);
    const live = server.sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
    expect(live.length).toBe(1);
  });

  it('is misconfigured with a URL that is none', async () => {
    const { connection } = startClient('not a url');
    expect(connection.getSnapshot().failure).toBe('misconfigured');
  });
});
