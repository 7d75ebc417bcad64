import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { call, type Person, signIn } from '../app/server/support/person.ts';
import { bundledCli, spawnServer } from '../app/server/support/server-process.ts';
import { temporaryFolder } from '../app/server/support/test-server.ts';
import { ATTACKER, HONEST, h2c, handshake, type RawPeer, rawPeer } from './support/raw-peer.ts';

const cli = bundledCli();

/** Waits longer than a busy machine takes. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

const startRednGift = async () => {
  const process = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder() });
  const url = await process.url;
  const stop = async () => {
    process.child.kill('SIGTERM');
    await soon(() => expect(process.output.stdout).toContain('Stopping.'));
  };
  return { ...process, url, port: Number(new URL(url).port), stop };
};

/** The control group: two people who are signed in, and one writes to the other. */
const chat = async (ada: Person, ben: Person) => {
  const [from, to] = await Promise.all([ada.connect(), ben.connect()]);
  const conversations: { id: string; partnerId: string | null }[] = JSON.parse(
    (await ada.call('GET', '/api/conversations')).text,
  );
  const conversationId = conversations.find(({ partnerId }) => partnerId === ben.id)?.id;
  from.send({ type: 'TYPING', conversationId });
  await to.next('TYPING');
  return { from, to };
};

const demoPeople = (url: string) =>
  Promise.all([signIn(url, 'ada@demo.test', 'demo-secret'), signIn(url, 'ben@demo.test', 'demo-secret')]);

const HALF_HEADERS = 'GET / HTTP/1.1\r\nHost: x\r\nX-Half: ';
const HALF_BODY =
  'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"email": "';

const many = (count: number, port: number, options?: { from?: string; isDeaf?: boolean }) =>
  Promise.all(Array.from({ length: count }, () => rawPeer(port, options)));

describe('RednGift is told to stop (SIGTERM)', () => {
  it('in the midst of hostile peers: it drains honest ones, survives resets, and is gone in time', async () => {
    const server = await startRednGift();
    const { port } = server;
    const [ada, ben] = await demoPeople(server.url);
    const honest = await chat(ada, ben);
    // A socket of an account that never answers a close makes the drain take all of its two seconds.
    const deaf = await rawPeer(port, { isDeaf: true });
    await deaf.write(handshake(`/connect/${ada.token}/`));
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
    const server = await startRednGift();
    const body = JSON.stringify({ email: 'ada@demo.test', password: 'demo-secret' });
    const honest = await rawPeer(server.port, { from: HONEST });
    const head = `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
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

describe('RednGift while it runs', () => {
  it('writes a few lines about 600 peers that break off, and goes on', async () => {
    const server = await startRednGift();
    const [ada, ben] = await demoPeople(server.url);
    const [bodies, upgrades, garbage] = await Promise.all([
      many(200, server.port),
      many(200, server.port),
      many(200, server.port),
    ]);
    await Promise.all([
      ...bodies.map((peer) => peer.write(HALF_BODY)),
      // A token of nobody, a frame that is not masked, and no end.
      ...upgrades.map((peer) => peer.write(`${handshake('/connect/stolen/')}\x01\x01x`)),
      ...garbage.map((peer) => peer.write('\x16\x03\x01 not HTTP at all\r\n\r\n')),
    ]);
    await chat(ada, ben);
    for (const peer of [...bodies, ...upgrades, ...garbage]) peer.reset();
    await chat(ada, ben);
    await server.stop();
    expect(await server.exit).toBe(0);
    const lines = server.output.stderr.split('\n').filter(Boolean);
    expect(lines.filter((line) => /^\s+at /.test(line))).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(server.output.stderr.length).toBeLessThan(4_000);
  });

  it('answers a client that offers HTTP/2 (h2c) with the page', async () => {
    const server = await startRednGift();
    for (const path of ['/', '/connect/some-token/']) {
      const peer = await rawPeer(server.port, { from: ATTACKER });
      await peer.write(h2c(path));
      await peer.left;
      expect(peer.heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(peer.heard).toContain('<title>RednGift</title>');
    }
    const api = await rawPeer(server.port);
    await api.write(h2c('/api/session'));
    await api.left;
    expect(api.heard).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['ALLOWED_ORIGINS', 'https://a.example/', /^ALLOWED_ORIGINS\[0\] .* Write "https:\/\/a\.example"\.\n$/],
    ['ALLOWED_ORIGINS', 'https://a.example, b.example', /^ALLOWED_ORIGINS\[1\] has no scheme\. .*\n$/],
    ['TRUST_PROXY', 'proxy.example', /^TRUST_PROXY\[0\] is no IP address and no network\. .*\n$/],
  ])('does not start with a %s that protects nobody: %s', async (name, value, line) => {
    const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder(), [name]: value });
    expect(await server.exit).toBe(1);
    expect(server.output.stderr).toMatch(line);
  });
});
