import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundledCli, spawnServer } from '../app/server/support/server-process.ts';
import { temporaryFolder } from '../app/server/support/test-server.ts';
import { ATTACKER, h2c, handshake, rawPeer } from './support/raw-peer.ts';
import { chat, demoPeople, HALF_BODY, many, soon, startRednGift } from './support/redngift.ts';

const cli = bundledCli();

describe('RednGift while it runs', () => {
  it('writes a few lines about 600 peers that break off, and goes on', async () => {
    const server = await startRednGift(cli);
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

  it.runIf(existsSync('/proc/self/stat'))(
    'spends on 600 handshakes of strangers about what it spends on as many requests of theirs',
    async () => {
      const server = await startRednGift(cli);
      const [ada, ben] = await demoPeople(server.url);
      await chat(ada, ben);
      const used = () => {
        const [, fields = ''] = readFileSync(`/proc/${server.child.pid}/stat`, 'latin1').split(') ');
        const values = fields.split(' ').map(Number);
        // utime and stime in ticks, and resident pages: fields 14, 15 and 24, of which two stand before the bracket.
        return { ticks: (values[11] ?? 0) + (values[12] ?? 0), pages: values[21] ?? 0 };
      };
      const ask = async (text: string) => {
        const before = used();
        const peers = await many(600, server.port);
        await Promise.all(peers.map((peer) => peer.write(text)));
        await soon(() => expect(peers.filter(({ heard }) => heard === '').length).toBe(0));
        const after = used();
        for (const peer of peers) peer.reset();
        return { ticks: after.ticks - before.ticks, pages: after.pages };
      };
      const requests = await ask(
        'GET /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer stolen\r\n\r\n',
      );
      const handshakes = await ask(handshake('/connect/stolen/'));
      await chat(ada, ben);
      expect(handshakes.ticks / requests.ticks).toBeLessThan(3);
      expect(handshakes.pages / requests.pages).toBeLessThan(1.5);
    },
  );

  it('answers a client that offers HTTP/2 (h2c) with the page', async () => {
    const server = await startRednGift(cli);
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

  it('does not start with a setting that protects nobody, and says what to write', async () => {
    const refuses = async (name: string, value: string, line: RegExp) => {
      const server = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder(), [name]: value });
      expect(await server.exit, value).toBe(1);
      expect(server.output.stderr).toMatch(line);
    };
    await Promise.all([
      refuses(
        'ALLOWED_ORIGINS',
        'https://a.example/',
        /^ALLOWED_ORIGINS\[0\] .* Write "https:\/\/a\.example"\.\n$/,
      ),
      refuses(
        'ALLOWED_ORIGINS',
        'https://a.example, b.example',
        /^ALLOWED_ORIGINS\[1\] has no scheme\. .*\n$/,
      ),
      refuses('TRUST_PROXY', 'proxy.example', /^TRUST_PROXY\[0\] is no IP address and no network\. .*\n$/),
    ]);
  });
});
