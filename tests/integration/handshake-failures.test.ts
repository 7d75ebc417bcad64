import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import {
  createConnection,
  flightRecorder,
  type SocketClose,
  type SocketFailure,
  type StatesocketError,
} from 'statesocket';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

const SECRET = 'secret-token';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const portOf = async (server: {
  listen(port: number, host: string, then: () => void): unknown;
  address(): unknown;
  close(): unknown;
}) => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => void server.close());
  return (server.address() as AddressInfo).port;
};

const refusing = (status: number): Server =>
  createServer().on('upgrade', (_, tcp) => {
    tcp.end(`HTTP/1.1 ${status} No\r\nLocation: http://127.0.0.1/\r\nConnection: close\r\n\r\n`);
  });

/** Dials once, and waits for what is told of the failure. */
const failureAt = async (url: string, protocols?: string) => {
  const closes: SocketClose[] = [];
  const errors: StatesocketError[] = [];
  const connection = createConnection({
    url: ({ token }) => `${url}/${token}`,
    getToken: () => SECRET,
    WebSocket,
    backoff: () => 60_000,
    recorder: flightRecorder(),
    classifyClose: (close) => {
      closes.push(close);
      return undefined;
    },
    ...(protocols === undefined ? {} : { protocols }),
  });
  connection.onError((error) => void errors.push(error));
  connection.connect({ userId: 'ada' });
  await vi.waitFor(() => expect(connection.status).toBe('backoff'), { timeout: 9_000 });
  const recorded = JSON.stringify([connection.getSnapshot(), connection.recording()]);
  connection.dispose();
  const [error] = errors.filter(({ code }) => code === 'socket-error');
  for (const text of [recorded, error?.message, String(error?.cause)]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('127.0.0.1');
  }
  expect(closes.map(({ failure }) => failure)).toEqual([error?.failure]);
  return { failure: error?.failure as SocketFailure, message: error?.message };
};

describe('a handshake that fails is told apart, to onError and to classifyClose', () => {
  it.each([301, 400, 401, 403, 404, 426, 429, 500, 502, 503, 504])('HTTP %i', async (status) => {
    const port = await portOf(refusing(status));
    const { failure, message } = await failureAt(`ws://127.0.0.1:${port}`);
    expect(failure).toEqual({ why: 'http', httpStatus: status });
    expect(message).toContain(`HTTP ${status}`);
  });

  it('HTTP 200, as of a proxy without the Upgrade headers', async () => {
    const port = await portOf(createServer((_, response) => response.end('hello')));
    expect((await failureAt(`ws://127.0.0.1:${port}`)).failure).toEqual({ why: 'http', httpStatus: 200 });
  });

  it('nobody listens', async () => {
    const server = createServer();
    const port = await portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await failureAt(`ws://127.0.0.1:${port}`)).failure.why).toBe('refused');
  });

  it('a host that nobody knows', async () => {
    expect((await failureAt('ws://nowhere.invalid')).failure.why).toBe('dns');
  });

  it('wss: to a port without TLS', async () => {
    const port = await portOf(createServer());
    expect((await failureAt(`wss://127.0.0.1:${port}`)).failure.why).toBe('tls');
  });

  it('a server that hangs up', async () => {
    const port = await portOf(
      createTcpServer((tcp) => tcp.on('error', () => {}).once('data', () => tcp.destroy())),
    );
    expect((await failureAt(`ws://127.0.0.1:${port}`)).failure.why).toBe('reset');
  });

  it('a server that is none', async () => {
    const port = await portOf(
      createTcpServer((tcp) => tcp.on('error', () => {}).end('220 smtp.test ESMTP\r\n')),
    );
    expect((await failureAt(`ws://127.0.0.1:${port}`)).failure.why).toBe('handshake');
  });

  it('a subprotocol that the server does not choose', async () => {
    const http = createServer();
    new WebSocketServer({ server: http, handleProtocols: () => false });
    const port = await portOf(http);
    expect((await failureAt(`ws://127.0.0.1:${port}`, 'chat')).failure.why).toBe('subprotocol');
  });
});
