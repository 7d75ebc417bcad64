import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { call } from '../app/server/support/person.ts';
import { bundledCli } from '../app/server/support/server-process.ts';
import { ticketOf } from '../app/server/support/test-socket.ts';
import { HONEST, handshake, type RawPeer, rawPeer } from './support/raw-peer.ts';
import { chat, demoPeople, HALF_BODY, many, soon, startRednGift } from './support/redngift.ts';

const cli = bundledCli();

const HALF_HEADERS = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ';

describe('RednGift is told to stop (SIGTERM)', () => {
  it('in the midst of hostile peers: it drains honest ones, survives resets, and is gone in time', async () => {
    const server = await startRednGift(cli);
    const { port } = server;
    const [ada, ben] = await demoPeople(server.url);
    const honest = await chat(ada, ben);
    // A socket of an account that never answers a close makes the drain take all of its two seconds.
    const deaf = await rawPeer(port, { isDeaf: true });
    await deaf.write(handshake(`/connect/${await ticketOf(server.url, ada.token)}/`));
    await soon(() => expect(deaf.heard).toContain('101 Switching Protocols'));
    const [silent, resetting, halfOpen, halfHeaders, halfBodies] = await Promise.all([
      many(10, port, { isDeaf: true }),
      many(10, port),
      many(10, port, { isDeaf: true }),
      many(10, port, { isDeaf: true }),
      many(10, port, { isDeaf: true }),
    ]);
    for (const peer of halfHeaders) await peer.write(HALF_HEADERS);
    for (const peer of halfBodies) await peer.write(HALF_BODY);
    await call(server.url, 'GET', '/');
    await server.stop();
    const upgrade = handshake(`/connect/${ben.token}/`);
    await Promise.all([...halfOpen, ...resetting].map((peer) => peer.write(upgrade)));
    const refused = (peer: RawPeer) => peer.heard.startsWith('HTTP/1.1 503 Service Unavailable\r\n');
    await soon(() => expect([...halfOpen, ...resetting].filter(refused)).toHaveLength(20));
    for (const peer of resetting) peer.reset();
    // 0 is a stop of its own: it gives up and exits with 1 after 3.5 s, by its own clock.
    expect(await server.exit).toBe(0);
    expect((await honest.from.closed).code).toBe(1012);
    expect((await honest.to.closed).code).toBe(1012);
    await Promise.all([...silent, ...halfOpen, ...halfHeaders, ...halfBodies].map(({ left }) => left));
    expect(server.output.stderr).toBe('');
  });

  it('finishes the request that is under way, and lets nobody new in', async () => {
    const server = await startRednGift(cli);
    const body = JSON.stringify({ email: 'ada@demo.test', password: 'demo-secret' });
    const honest = await rawPeer(server.port, { from: HONEST });
    const head = `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    await honest.write(`${head}\r\n\r\n${body.slice(0, 10)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.stop();
    const late = connect(server.port, '127.0.0.1');
    const [error] = await once(late, 'error');
    expect(String(error)).toContain('ECONNREFUSED');
    await honest.write(body.slice(10));
    await honest.left;
    expect(honest.heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(honest.heard).toContain('"accessToken"');
    expect(await server.exit).toBe(0);
  });
});
