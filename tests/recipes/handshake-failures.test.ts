import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnection } from 'statesocket';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

/** A server that refuses each handshake with one HTTP status. */
const refusing = async (status: number) => {
  const server = createServer().on('upgrade', (_, socket) => {
    socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

const dial = (url: string, getToken = vi.fn(async () => 'token')) => {
  const connection = createConnection({
    url,
    getToken,
    WebSocket,
    classifyClose({ failure }) {
      if (failure?.httpStatus === 401) return { then: 'refresh' };
      if (failure?.httpStatus === 404) return { then: 'reject' };
      if (failure?.httpStatus === 503) return { then: 'backoff', minDelayMs: 30_000 };
      return undefined;
    },
  });
  connection.onError(() => {});
  connection.connect({ userId: 'ada' });
  return { connection, getToken };
};

it('asks for a fresh token on 401, and gives up when that is refused too', async () => {
  const server = await refusing(401);
  const { connection, getToken } = dial(server.url);
  await vi.waitFor(() => expect(connection.getSnapshot().failure).toBe('rejected'));
  expect(getToken).toHaveBeenCalledTimes(2);
  expect(getToken).toHaveBeenLastCalledWith(expect.objectContaining({ reason: 'refresh' }));
  connection.dispose();
  server.close();
});

it('gives up on 404', async () => {
  const server = await refusing(404);
  const { connection } = dial(server.url);
  await vi.waitFor(() => expect(connection.getSnapshot().failure).toBe('rejected'));
  connection.dispose();
  server.close();
});

it('waits for at least 30 s on 503', async () => {
  const server = await refusing(503);
  const { connection } = dial(server.url);
  await vi.waitFor(() => expect(connection.status).toBe('backoff'));
  expect(connection.getSnapshot().nextRetryAt).toBeGreaterThan(Date.now() + 29_000);
  connection.dispose();
  server.close();
});
