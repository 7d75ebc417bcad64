import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttpServer } from '../../../app/server/http/http-server.ts';
import { listen } from '../../../app/server/listening.ts';
import { ATTACKER, HONEST, rawPeer } from '../../attack/support/raw-peer.ts';

const soon = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 10 });

const start = async (maxPerAddress?: number) => {
  const { server, stop } = createHttpServer(maxPerAddress);
  onTestFinished(stop);
  server.on('request', (_request, response) => response.end('served'));
  return { server, port: await listen(server, 0) };
};

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('silent connections of one address', () => {
  it('are bounded, others are served, and who leaves makes room', async () => {
    const { port, server } = await start(3);
    const silent = await Promise.all([1, 2, 3].map(() => rawPeer(port)));
    const fourth = await rawPeer(port);
    await fourth.left;
    expect(fourth.heard).toBe('');
    const honest = await rawPeer(port, { from: HONEST });
    await honest.write(GET);
    await soon(() => expect(honest.heard).toContain('served'));
    silent[0]?.socket.destroy();
    const count = () => new Promise<number>((resolve) => server.getConnections((_error, n) => resolve(n)));
    await vi.waitFor(async () => expect(await count()).toBe(3), { timeout: 15_000 });
    const next = await rawPeer(port, { from: ATTACKER });
    await next.write(GET);
    await soon(() => expect(next.heard).toContain('served'));
  });
});
