import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { startNginx } from './support/nginx.ts';
import { QUICK_HEARTBEAT, type RealClient, startClient } from './support/real-client.ts';

/** A chat server in this process: what one client says, all hear, and a PING is answered. */
const startServer = async () => {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => wss.once('listening', resolve));
  wss.on('connection', (socket: WebSocket) => {
    socket.on('error', () => {}); // its close follows
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('PING')) socket.send('{"type":"HEARTBEAT"}');
      else for (const client of wss.clients) client.send(text);
    });
  });
  onTestFinished(async () => {
    for (const socket of wss.clients) socket.terminate();
    await new Promise((resolve) => wss.close(resolve));
  });
  const { port } = wss.address() as { port: number };
  return { wss, port };
};

const startBehindNginx = async (idleMs: number) => {
  const { wss, port } = await startServer();
  return { wss, nginx: await startNginx({ targetPort: port, idleMs }) };
};

/** Clients that chat all the time, until the test ends. */
const startCrowd = async (url: string, size: number): Promise<RealClient[]> => {
  const clients = Array.from({ length: size }, (_none, index) =>
    startClient({ url, userId: `user-${index}`, heartbeat: QUICK_HEARTBEAT }),
  );
  const chatter = setInterval(() => {
    for (const { connection } of clients) {
      if (connection.status === 'open') connection.send({ type: 'SAY', text: 'chatter' });
    }
  }, 25);
  onTestFinished(() => clearInterval(chatter));
  await Promise.all(clients.map((client) => client.opens()));
  return clients;
};

const isWell = async (wss: WebSocketServer, clients: readonly RealClient[]): Promise<void> => {
  for (const client of clients) {
    await client.opens();
    await client.chats();
    client.isWell();
  }
  await vi.waitFor(() => expect(wss.clients.size).toBe(clients.length));
};

describe('behind nginx', () => {
  it('an idle socket is cut without a close frame, seen as 1006, and the client comes back', async () => {
    const { wss, nginx } = await startBehindNginx(1_000);
    const client = startClient({ url: nginx.url });
    await client.opens();
    await client.ended();
    expect(client.ends[0]).toEqual({ cause: 'closed', code: 1006, wasClean: false });
    await isWell(wss, [client]);
    expect(client.retries[0]).toBe(1);
  });

  it('a client that nginx cuts three times for the same silence is told of it once', async () => {
    const { nginx } = await startBehindNginx(5_000);
    const client = startClient({ url: nginx.url });
    const codes: string[] = [];
    client.connection.onError(({ code, message }) => codes.push(`${code}: ${message}`));
    await vi.waitFor(() => expect(client.ends.length).toBeGreaterThanOrEqual(3), { timeout: 40_000 });
    expect(codes).toEqual([expect.stringMatching(/^idle-timeout: .* nothing had passed for 5 s/)]);
  }, 50_000);

  it("a heartbeat that is shorter than nginx's idle timeout keeps the socket open", async () => {
    const { wss, nginx } = await startBehindNginx(1_600);
    const client = startClient({ url: nginx.url, heartbeat: { ...QUICK_HEARTBEAT, timeoutMs: 4_000 } });
    await client.opens();
    const send = vi.spyOn(client.sockets[0] as WebSocket, 'send');
    // Three questions, more than a second apart, are longer than nginx would have waited.
    await vi.waitFor(() => expect(send.mock.calls.length).toBe(3));
    await isWell(wss, [client]);
    expect(client.sockets.length).toBe(1);
  });

  it('reloaded twice under load: each client loses its old worker and is back with one socket', async () => {
    const { wss, nginx } = await startBehindNginx(60_000);
    const clients = await startCrowd(nginx.url, 6);
    for (const _time of [1, 2]) {
      for (const client of clients) client.forgets();
      await nginx.reload();
      await Promise.all(clients.map((client) => client.ended()));
      await isWell(wss, clients);
      for (const { ends } of clients) expect(ends[0]).toMatchObject({ cause: 'closed', code: 1006 });
    }
  });

  it('stopped and started under load: each client retries as its policy says and is back with one socket', async () => {
    const { wss, nginx } = await startBehindNginx(60_000);
    const clients = await startCrowd(nginx.url, 6);
    for (const client of clients) client.forgets();
    await nginx.stop();
    for (const client of clients) {
      await vi.waitFor(() => expect(client.retries.length).toBeGreaterThanOrEqual(3));
    }
    await nginx.start();
    await isWell(wss, clients);
    for (const { ends, retries } of clients) {
      expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1006]));
      expect(retries).toEqual(ends.map((_end, index) => index + 1));
    }
  });

  it('with nobody behind it (HTTP 502) is a lost attempt, and the client comes back with the server', async () => {
    const { wss, port } = await startServer();
    const nginx = await startNginx({ targetPort: port, idleMs: 60_000 });
    for (const socket of wss.clients) socket.terminate();
    await new Promise((resolve) => wss.close(resolve));
    const client = startClient({ url: nginx.url });
    await vi.waitFor(() => expect(client.retries.length).toBe(3));
    expect(client.ends[0]).toEqual({ cause: 'closed', code: 1006, wasClean: false });
    const again = new WebSocketServer({ host: '127.0.0.1', port });
    onTestFinished(() => again.close());
    again.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    await isWell(again, [client]);
  });
});
