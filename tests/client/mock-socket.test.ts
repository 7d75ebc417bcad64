import { Server, WebSocket } from 'mock-socket';
import { createConnection, linearBackoff } from 'statesocket';
import { afterEach, describe, expect, it, vi } from 'vitest';

/**
 * mock-socket where it tells the truth: text both ways, and a server that closes with a code of its own.
 *
 * Its lies, which is why statesocket/testing exists:
 * - a refused or failed connection closes as 1000 and clean (a browser says 1006 and not clean): the last test shows it;
 * - `socket.close({ wasClean })` ignores the flag;
 * - `server.close()` closes all clients and takes the server off its address;
 * - it cannot show half-open peers, backpressure, an HTTP status, ping or pong;
 * - `new Server(url)` replaces the global WebSocket until `stop()`: always pass `mock: false`.
 */
const URL = 'ws://mock.test/connect/';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});
const startServer = () => {
  const server = new Server(URL, { mock: false });
  servers.push(server);
  return server;
};

const connect = () => {
  const connection = createConnection({
    url: URL,
    WebSocket,
    backoff: linearBackoff(),
    stableAfterMs: 0,
    ack: true,
  });
  connection.onError(() => {});
  connection.connect({ userId: 'ada' });
  return connection;
};

describe('with mock-socket', () => {
  it('opens and exchanges messages', async () => {
    const server = startServer();
    const received: string[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (data) => received.push(String(data)));
      socket.send('{"type":"HELLO","id":"m1"}');
    });
    const connection = connect();
    const heard = vi.fn();
    connection.onMessage(heard);
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith({ type: 'HELLO', id: 'm1' }));
    await vi.waitFor(() => expect(received).toEqual(['{"type":"ACK","messageId":"m1"}']));
    connection.dispose();
  });

  it('goes to backoff when the server closes with 1006 and not clean', async () => {
    const server = startServer();
    const connection = connect();
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    const statuses: string[] = [];
    connection.subscribe(() => statuses.push(connection.status));
    server.close({ code: 1006, reason: '', wasClean: false });
    await vi.waitFor(() => expect(statuses[0]).toBe('backoff'));
    connection.dispose();
  });

  it('lies about a refused connection, and the guard on stable is not fooled by it', async () => {
    const connection = connect();
    await vi.waitFor(() => expect(connection.getSnapshot().retryCount).toBeGreaterThan(0));
    expect(connection.getSnapshot().lastEnd).toMatchObject({ code: 1000, wasClean: true });
    connection.dispose();
  });
});
