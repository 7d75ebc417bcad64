import { fileURLToPath } from 'node:url';
import { durableDelivery } from 'statesocket/delivery';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, tokenOf } from '../gateway/support/gateway-harness.ts';
import { type FaultProxy, type Link, startFaultProxy } from '../support/fault-proxy.ts';
import { lastingPort } from '../support/free-port.ts';
import { startListeningProcess } from './support/listening-process.ts';
import { QUICK_HEARTBEAT, startClient } from './support/real-client.ts';

/**
 * A real client, real sockets and real servers, with a network in between that fails. The default times are proved on a
 * virtual clock elsewhere; here they are short.
 */

/** As long as it takes to be sure that nothing more comes over the loopback. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

const startThroughProxy = async (
  options: { stableAfterMs?: number; connectTimeoutMs?: number; heartbeat?: typeof QUICK_HEARTBEAT } = {},
  heartbeatMs = 14_000,
) => {
  const { gateway, port } = await startGateway({
    heartbeatMs,
    handle: async ({ kind, ...command }, context) => {
      if (kind === 'message' && 'message' in command) await context.publish(['ada', 'ben'], command.message);
    },
  });
  const proxy = await startFaultProxy(port);
  onTestFinished(() => proxy.close());
  const startUser = (userId: string) =>
    startClient({
      userId,
      url: () => `ws://127.0.0.1:${proxy.port}/connect/${tokenOf(userId)}/`,
      heartbeat: QUICK_HEARTBEAT,
      delivery: durableDelivery(),
      ...options,
    });
  return { gateway, proxy, startUser };
};

const linkOf = (proxy: FaultProxy, index = 0): Link => {
  const link = proxy.links[index];
  if (link === undefined) throw new Error(`There is no link ${index}.`);
  return link;
};

describe('a link that is half-open', () => {
  it('I1 is found by its silence and given up without its close event; what was said into it comes once, over the next socket', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const client = startUser('ada');
    await client.opens();
    await client.chats();
    linkOf(proxy).stall();
    await gateway.publish(['ada'], { type: 'SAY', text: 'into the dead link' });

    await client.ended();
    expect(client.ends).toEqual([{ cause: 'silent', code: null, wasClean: null }]);
    await client.opens();
    // It was stable: dialled at once, without a retry, while the old socket still waits for the answer to its close.
    expect(client.statuses).toEqual(['connecting', 'open', 'connecting', 'open']);
    expect(client.retries).toEqual([]);
    expect(client.sockets.map((socket) => socket.readyState)).toEqual([WebSocket.CLOSING, WebSocket.OPEN]);
    await client.chats();

    linkOf(proxy).heal();
    await vi.waitFor(() => expect(client.sockets[0]?.readyState).toBe(WebSocket.CLOSED));
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    expect(client.ends.length).toBe(1);
    await client.chats();
    expect(client.countOf('into the dead link')).toBe(1);
    client.isWell();
  });

  it('goes through backoff when it had not been stable yet', async () => {
    const { proxy, startUser } = await startThroughProxy({ stableAfterMs: 60_000 });
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).stall();
    await client.ended('silent');
    expect(client.statuses.at(-1)).toBe('backoff');
    await client.opens();
    expect(client.retries).toEqual([1]);
    await client.chats();
    client.isWell();
  });

  it('is found when only the way down is stalled, though the server still hears the client', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const client = startUser('ada');
    await client.opens();
    const other = startUser('ben');
    await other.opens();
    linkOf(proxy).stall('down');
    client.connection.send({ type: 'SAY', text: 'can you hear me?' });
    await vi.waitFor(() => expect(other.messages.map(({ text }) => text)).toContain('can you hear me?'));
    await client.ended('silent');
    await client.opens();
    await client.chats();
    client.isWell();
    linkOf(proxy).heal();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(2));
    expect(other.sockets.length).toBe(1);
  });

  it('is found by the gateway when only the way up is stalled, and the client comes back', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy({}, 300);
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).stall('up');
    await client.ended();
    expect(client.ends).toEqual([{ cause: 'closed', code: 1006, wasClean: false }]);
    await client.opens();
    expect(client.retries).toEqual([1]);
    await client.chats();
    client.isWell();
    expect(gateway.connectionCount).toBe(1);
  });

  it('meets the connect deadline while the whole network stays stalled, and opens when it heals', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy({ connectTimeoutMs: 300 });
    const client = startUser('ada');
    await client.opens();
    proxy.stall();
    await client.ended('deadline');
    await vi.waitFor(() => expect(client.retries.length).toBeGreaterThanOrEqual(2));
    expect(client.ends[0]?.cause).toBe('silent');
    expect(new Set(client.ends.slice(1).map(({ cause }) => cause))).toEqual(new Set(['deadline']));
    await proxy.heal();
    await client.opens();
    await client.chats();
    client.isWell();
    // What the abandoned handshakes brought about at the gateway is gone again.
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
  });

  it('loses all that is sent into it, and the client comes back all the same', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).drop();
    await client.ended('silent');
    await client.opens();
    await client.chats();
    await proxy.heal();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    await client.chats();
    client.isWell();
  });
});

describe('a network that fails loudly', () => {
  it('cut in the midst of a frame: nothing of the frame is delivered, and its message comes once, over the next socket', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const client = startUser('ada');
    await client.opens();
    await client.chats();
    const long = 'x'.repeat(1_000);
    linkOf(proxy).cutAfter(20, 'down');
    await gateway.publish(['ada'], { type: 'SAY', text: long });
    await client.ended();
    expect(client.ends).toEqual([{ cause: 'closed', code: 1006, wasClean: false }]);
    expect(client.countOf(long)).toBe(0);
    await client.opens();
    expect(client.retries).toEqual([1]);
    await client.chats();
    expect(client.countOf(long)).toBe(1);
    client.isWell();
  });

  it('cut in the midst of the handshake: a retry each time, until it comes through', async () => {
    const { proxy, startUser } = await startThroughProxy();
    proxy.cutAfter(20, 'down');
    const client = startUser('ada');
    await vi.waitFor(() => expect(client.retries.length).toBe(3));
    expect(client.statuses).not.toContain('open');
    await proxy.heal();
    await client.opens();
    await client.chats();
    client.isWell();
  });

  it('reset and then refused: a retry each time, until the port is there again', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const clients = ['ada', 'ben'].map(startUser);
    for (const client of clients) await client.opens();
    proxy.refuse();
    proxy.reset();
    for (const client of clients) {
      await vi.waitFor(() => expect(client.retries.length).toBe(3));
      expect(client.ends).toContainEqual({ cause: 'closed', code: 1006, wasClean: false });
      expect(client.connection.status).not.toBe('open');
    }
    await proxy.heal();
    for (const client of clients) {
      await client.opens();
      await client.chats();
      client.isWell();
    }
    expect(gateway.connectionCount).toBe(2);
  });

  it('slow, but not dead: the socket is kept', async () => {
    const { proxy, startUser } = await startThroughProxy({
      heartbeat: { ...QUICK_HEARTBEAT, timeoutMs: 4_000 },
    });
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).slow(1_000);
    const pings = vi.spyOn(client.sockets[0] as WebSocket, 'send');
    await vi.waitFor(() => expect(pings.mock.calls.length).toBeGreaterThanOrEqual(2));
    await client.chats();
    expect(client.ends).toEqual([]);
    client.isWell();
  });
});

describe('a frame that takes longer than the server has to answer', () => {
  const BIG = { type: 'SAY', text: 'x'.repeat(150_000) };
  const HEARS_BIG_MS = 30_000;

  it('looks like a dead server, since a browser shows no part of a frame: the policy dials again', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy();
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).slow(50_000, 'down');
    await gateway.publish(['ada'], BIG);
    await client.ended();
    expect(client.ends).toEqual([{ cause: 'silent', code: null, wasClean: null }]);
    await client.opens();
    // It was stable: dialled at once, without a retry, on a link that is not slow.
    expect(client.statuses).toEqual(['connecting', 'open', 'connecting', 'open']);
    expect(client.retries).toEqual([]);
    await client.chats();
    expect(client.countOf(BIG.text)).toBe(1);
    client.isWell();
  });

  it('arrives on the socket it was sent on where the answer has time enough', async () => {
    const { gateway, proxy, startUser } = await startThroughProxy({
      heartbeat: { ...QUICK_HEARTBEAT, timeoutMs: HEARS_BIG_MS },
    });
    const client = startUser('ada');
    await client.opens();
    linkOf(proxy).slow(50_000, 'down');
    await gateway.publish(['ada'], BIG);
    await vi.waitFor(() => expect(client.messages.map(({ text }) => text)).toContain(BIG.text), HEARS_BIG_MS);
    expect(client.ends).toEqual([]);
    client.isWell();
  });
});

describe('a server that dies or freezes', () => {
  const startServer = async () => {
    const port = await lastingPort();
    const script = fileURLToPath(new URL('support/chat-server.mjs', import.meta.url));
    const server = await startListeningProcess(process.execPath, [script, String(port)], port);
    return { server, url: `ws://127.0.0.1:${port}/` };
  };
  const counts = async (client: ReturnType<typeof startClient>, count: number): Promise<void> => {
    await vi.waitFor(async () => {
      client.connection.send({ type: 'COUNT' });
      await aMoment();
      expect(client.messages.findLast(({ type }) => type === 'COUNT')).toEqual({ type: 'COUNT', count });
    }, 5_000);
  };

  it('killed (kill -9) twice: every client retries until it is back, and they chat', async () => {
    const { server, url } = await startServer();
    const clients = ['ada', 'ben', 'cleo'].map((userId) =>
      startClient({ userId, url, heartbeat: QUICK_HEARTBEAT }),
    );
    for (const client of clients) await client.opens();
    for (const _time of [1, 2]) {
      for (const client of clients) client.forgets();
      await server.end('SIGKILL');
      for (const client of clients) {
        await client.ended();
        expect(client.ends[0]).toEqual({ cause: 'closed', code: 1006, wasClean: false });
      }
      await server.start();
      for (const client of clients) {
        await client.opens();
        await client.chats();
        client.isWell();
        expect(client.retries.length).toBe(client.ends.length);
      }
      await counts(clients[0] as (typeof clients)[0], clients.length);
    }
  });

  it('frozen (SIGSTOP): found by its silence, dialled under the deadline, and back when it thaws', async () => {
    const { server, url } = await startServer();
    const client = startClient({ url, heartbeat: QUICK_HEARTBEAT, connectTimeoutMs: 300 });
    await client.opens();
    await client.chats();
    server.signal('SIGSTOP');
    // The kernel of a frozen server still takes connections and never answers.
    await client.ended('deadline');
    expect(client.ends[0]).toEqual({ cause: 'silent', code: null, wasClean: null });
    await vi.waitFor(() => expect(client.retries.length).toBeGreaterThanOrEqual(2));
    server.signal('SIGCONT');
    await client.opens();
    await client.chats();
    client.isWell();
    // The sockets that were given up meanwhile are gone at the server as well.
    await counts(client, 1);
  });

  it('frozen for less than the heartbeat allows: nobody notices', async () => {
    const { server, url } = await startServer();
    const client = startClient({ url, heartbeat: QUICK_HEARTBEAT });
    await client.opens();
    server.signal('SIGSTOP');
    client.connection.send({ type: 'SAY', text: 'while you slept' });
    await aMoment();
    server.signal('SIGCONT');
    await vi.waitFor(() => expect(client.messages.map(({ text }) => text)).toContain('while you slept'));
    expect(client.sockets.length).toBe(1);
    client.isWell();
  });
});
