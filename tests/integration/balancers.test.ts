import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGateway, memoryEngine } from '../../src/gateway/index.ts';
import { type StartBalancer, startHaproxyBalancer, startNginxBalancer } from './support/balancers.ts';
import { startClient } from './support/real-client.ts';

const listening = async (listener?: RequestListener) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port };
};

/** A node as RednGift is one: people on one port, readiness on another. */
const startNode = async (heartbeatMs: number) => {
  const state = { isReady: true };
  const { server, port } = await listening((_request, response) => response.end('page'));
  const ops = await listening((_request, response) => response.writeHead(state.isReady ? 200 : 503).end());
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async (userId) => ({ userId }),
    allowedOrigins: [],
    handle() {},
    heartbeatMs,
  });
  onTestFinished(() => gateway.close());
  return {
    port,
    opsPort: ops.port,
    gateway,
    async drain(options: Parameters<typeof gateway.drain>[0]) {
      state.isReady = false;
      await gateway.drain(options);
    },
  };
};

const startNodes = async (start: StartBalancer, { heartbeatMs = 1_000, idle = '60s' } = {}) => {
  const nodes = [await startNode(heartbeatMs), await startNode(heartbeatMs)] as const;
  const port = await start(nodes, idle);
  const client = (userId: string) =>
    startClient({ url: `ws://127.0.0.1:${port}/connect/${userId}/`, userId });
  return { nodes, port, client };
};

const patience = { timeout: 20_000 };

describe.each([
  ['nginx', startNginxBalancer],
  ['HAProxy', startHaproxyBalancer],
] as const)('behind %s, as docs/operations.md has it', { timeout: 60_000 }, (_name, start) => {
  it('requests are answered, and sockets open on both nodes', async () => {
    const { nodes, port, client } = await startNodes(start);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page');
    const clients = Array.from({ length: 8 }, (_none, n) => client(`user-${n}`));
    await Promise.all(clients.map((one) => one.opens()));
    for (const { gateway } of nodes) expect(gateway.connectionCount).toBeGreaterThan(0);
  });

  it('a heartbeat keeps a quiet socket open, and one that is too rare does not', async () => {
    const quick = await startNodes(start, { heartbeatMs: 300, idle: '1s' });
    const slow = await startNodes(start, { heartbeatMs: 30_000, idle: '1s' });
    const [kept, cut] = [quick.client('kept'), slow.client('cut')];
    await Promise.all([kept.opens(), cut.opens()]);
    await vi.waitFor(() => expect(cut.ends.length).toBeGreaterThanOrEqual(2), patience);
    expect(cut.ends[0]).toEqual({ cause: 'closed', code: 1006, wasClean: false });
    expect(kept.ends).toEqual([]);
    expect(kept.connection.status).toBe('open');
  });

  it('a node that drains hands its people to the other one, and nobody is refused', async () => {
    const { nodes, client } = await startNodes(start);
    const clients = Array.from({ length: 12 }, (_none, n) => client(`user-${n}`));
    await Promise.all(clients.map((one) => one.opens()));
    const [old, other] = nodes;
    const movedCount = old.gateway.connectionCount;
    expect(movedCount).toBeGreaterThan(2);
    await old.drain({ dialsPerSecond: 4, withinMs: 20_000 });
    await vi.waitFor(() => expect(other.gateway.connectionCount).toBe(12), patience);
    expect(old.gateway.connectionCount).toBe(0);
    await Promise.all(clients.map((one) => one.opens()));
    // Each was closed once, cleanly, and its first dial was let in.
    const ends = clients.flatMap((one) => one.ends);
    expect(ends).toEqual(
      Array.from({ length: movedCount }, () => ({ cause: 'closed', code: 1012, wasClean: true })),
    );
    for (const { sockets } of clients) expect(sockets.length).toBeLessThanOrEqual(2);
  });
});

describe('behind HAProxy that sends dials to the node with the fewest sockets', { timeout: 60_000 }, () => {
  const leastConnections = (isRetried: boolean): StartBalancer => {
    const edit = (shown: string) => {
      const least = shown.replace('balance roundrobin', 'balance leastconn');
      return isRetried ? least : least.replace('empty-response 503', 'empty-response');
    };
    return (nodes, idle) => startHaproxyBalancer(nodes, idle, edit);
  };
  const drainOneOfTwo = async (isRetried: boolean) => {
    const { nodes, client } = await startNodes(leastConnections(isRetried));
    const clients = Array.from({ length: 12 }, (_none, n) => client(`user-${n}`));
    await Promise.all(clients.map((one) => one.opens()));
    const [old, other] = nodes;
    await old.drain({ dialsPerSecond: 20, withinMs: 20_000 });
    await vi.waitFor(() => expect(other.gateway.connectionCount).toBe(12), patience);
    return clients.flatMap(({ ends }) => ends.map(({ code }) => code));
  };

  it('a node that drains is the first choice of each dial, and with retry-on 503 nobody notices', async () => {
    expect(new Set(await drainOneOfTwo(true))).toEqual(new Set([1012]));
  });

  it('without it they are refused, and come back by their backoff', async () => {
    expect(await drainOneOfTwo(false)).toContain(1006);
  });
});
