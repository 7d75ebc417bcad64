import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createGateway, memoryEngine } from '../../src/gateway/index.ts';
import { type Harness, PAGE, startGateway, tokenOf, userOf } from '../gateway/support/gateway-harness.ts';
import { ATTACKER, HONEST, h2c, handshake, type RawPeer, rawPeer } from './support/raw-peer.ts';

const pathOf = (userId: string) => `/connect/${tokenOf(userId)}/`;

/** The control group: two honest people from an address of their own, who connect now and chat. */
const chat = async ({ connect, gateway }: Harness) => {
  const [anna, bert] = await Promise.all(
    ['anna', 'bert'].map((name) => connect(name, { localAddress: HONEST })),
  );
  if (anna === undefined || bert === undefined) throw new Error('nobody there');
  await gateway.publish(['bert'], { type: 'NEW_MESSAGE', from: 'anna' });
  await soon(() => expect(bert.of('NEW_MESSAGE')).toHaveLength(1));
  return { anna, bert };
};

/** Every socket that the server accepts, from its first moment on. */
const rawSocketsOf = (server: Server): Socket[] => {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    if (!sockets.includes(socket)) sockets.push(socket);
  });
  return sockets;
};

/** Waits longer than a busy machine takes. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 15_000, interval: 10 });

const never = () => new Promise<null>(() => {});

const isSlow = (token: string) => token.startsWith('token-of-slow');

/** Judges all but those whose name begins with "slow". */
const slowly = (token: string) => (isSlow(token) ? never() : Promise.resolve(userOf(token)));

const peers = (count: number, port: number, options?: { from?: string; isDeaf?: boolean }) =>
  Promise.all(Array.from({ length: count }, () => rawPeer(port, options)));

const statusOf = ({ heard }: RawPeer): number | null => {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(heard)?.[1];
  return status === undefined ? null : Number(status);
};

const refusedWith = (status: number, among: readonly RawPeer[]) =>
  among.filter((peer) => statusOf(peer) === status).length;

describe('a peer that resets its connection', () => {
  const moments: Record<string, (harness: Harness, peer: RawPeer) => Promise<unknown>> = {
    'while its token is judged': async (_harness, peer) => peer.write(handshake(pathOf('slow'))),
    'after it was let in': async (_harness, peer) => {
      await peer.write(handshake(pathOf('eve')));
      await soon(() => expect(statusOf(peer)).toBe(101));
    },
    'after it was let in and closed with 4401': async (_harness, peer) => {
      await peer.write(handshake('/connect/wrong/'));
      await soon(() => expect(peer.heard).toContain('unauthenticated'));
    },
    'after a bad handshake': async (_harness, peer) => {
      await peer.write(handshake(pathOf('eve'), { headers: { 'Sec-WebSocket-Key': 'short' } }));
      await soon(() => expect(statusOf(peer)).toBe(400));
    },
    'after it was told that too many are there': async (_harness, peer) => {
      await peer.write(handshake('/connect/wrong/', { headers: { 'X-Forwarded-For': '10.9.9.9' } }));
      await soon(() => expect(statusOf(peer)).not.toBeNull());
    },
    'after an upgrade to a path of nobody': async (_harness, peer) => {
      await peer.write(handshake('/elsewhere'));
      await soon(() => expect(statusOf(peer)).toBe(404));
    },
    'after an upgrade that is left to another listener': async ({ server }, peer) => {
      server.on('upgrade', () => {});
      await peer.write(handshake('/elsewhere'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    'after an offer of HTTP/2': async (_harness, peer) => peer.write(h2c('/', { method: 'HEAD' })),
    'after the 503 of a gateway that closes': async ({ gateway, connect }, peer) => {
      const stalled = await connect('anna');
      stalled.ws.pause();
      void gateway.close();
      await peer.write(handshake(pathOf('eve')));
      await soon(() => expect(statusOf(peer)).toBe(503));
    },
    'after its token was judged when the gateway closed': async ({ gateway }, peer) => {
      await peer.write(handshake(pathOf('slow')));
      await new Promise((resolve) => setTimeout(resolve, 20));
      void gateway.close();
      await soon(() => expect(statusOf(peer)).toBe(503));
    },
    'after the gateway has closed': async ({ gateway }, peer) => {
      await peer.write(handshake(pathOf('slow')));
      await gateway.close();
    },
  };

  it.each(Object.entries(moments))('%s ends no process', async (moment, act) => {
    let judge = () => {};
    const slow = new Promise<null>((resolve) => {
      judge = () => resolve(null);
    });
    const harness = await startGateway({
      authenticate: async (token) => (isSlow(token) ? slow : userOf(token)),
      ...(moment.includes('too many') ? { maxSockets: 1, maxSocketsPerAddress: 1 } : {}),
    });
    const sockets = rawSocketsOf(harness.server);
    const peer = await rawPeer(harness.port, { isDeaf: true });
    const raw = await soon(() => {
      expect(sockets).toHaveLength(1);
      return sockets[0] as Socket;
    });
    // An error without a listener is thrown, and Vitest fails. Between two turns of the loop the count shows it as well.
    const listening: number[] = [];
    const watch = setInterval(() => listening.push(raw.listenerCount('error')), 1);
    onTestFinished(() => clearInterval(watch));
    await act(harness, peer);
    peer.reset();
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Nobody reads a socket that waits: that its peer is gone shows when something is written.
    judge();
    await soon(() => expect(raw.closed).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(Math.min(...listening)).toBeGreaterThan(0);
    const told = harness.errors.filter(({ code }) => code !== 'socket-error');
    // Of another path the operator hears, and of nothing else.
    const isPath = moment.includes('a path of nobody');
    expect(told.map(({ code }) => code)).toEqual(isPath ? ['upgrade-refused'] : []);
    if (isPath) expect(told[0]?.message).toContain('another path than /connect/{token}/');
  });
});

describe('a peer that keeps its half open', () => {
  it.each([
    ['after a bad handshake', handshake(pathOf('eve'), { method: 'POST' }), 405],
    ['after an upgrade to a path of nobody', handshake('/elsewhere'), 404],
    ['after the 503 of a gateway that closes', handshake(pathOf('eve')), 503],
  ])('%s is destroyed a second later', async (_when, text, status) => {
    const clock = createVirtualClock();
    const harness = await startGateway({ clock });
    // Nobody serves requests here: what is no upgrade of the gateway is refused by the gateway.
    harness.server.removeAllListeners('request');
    const sockets = rawSocketsOf(harness.server);
    const { anna } = await chat(harness);
    anna.ws.pause();
    if (status === 503) void harness.gateway.close();
    const peer = await rawPeer(harness.port, { isDeaf: true });
    await peer.write(text);
    await soon(() => expect(statusOf(peer)).toBe(status));
    const raw = sockets.at(-1);
    clock.passes(999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(raw?.destroyed).toBe(false);
    clock.passes(1);
    expect(raw?.destroyed).toBe(true);
  });

  it('does not keep the gateway from closing, and leaves no timer (I10)', async () => {
    const clock = createVirtualClock();
    const harness = await startGateway({ clock, authenticate: slowly });
    const sockets = rawSocketsOf(harness.server);
    const deaf = await peers(5, harness.port, { isDeaf: true });
    for (const peer of deaf) await peer.write(handshake(pathOf('slow')));
    await soon(() => expect(clock.timerCount).toBe(5));
    const closing = harness.gateway.close();
    await Promise.all(deaf.map(({ left }) => left));
    expect(refusedWith(503, deaf)).toBe(5);
    clock.passes(1_000);
    await closing;
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBe(0);
    expect(clock.timerCount).toBe(0);
  });
});

describe('handshakes that wait for a verdict', () => {
  it('are at most 100 from one address: more are refused before anybody is asked, and others get in', async () => {
    const authenticate = vi.fn(slowly);
    const harness = await startGateway({ authenticate });
    const attackers = await peers(150, harness.port);
    await Promise.all(attackers.map((peer) => peer.write(handshake(pathOf('slow')))));
    await soon(() => expect(refusedWith(429, attackers)).toBe(50));
    expect(authenticate).toHaveBeenCalledTimes(100);
    expect(attackers.find((peer) => statusOf(peer) === 429)?.heard).toContain('Retry-After: 30\r\n');
    await chat(harness);
    // One report for all of them, which says what to set where the address is that of a proxy.
    expect(harness.errors.map(({ code }) => code)).toEqual(['upgrade-refused']);
    expect(harness.errors[0]?.message).toBe(
      'A connection was refused with 429, since maxPendingHandshakesPerAddress is 100. Behind a proxy all clients have its address: set trustProxy.',
    );
  });

  it('are bounded in all: one more gets 503, from wherever, until a verdict makes room', async () => {
    const clock = createVirtualClock();
    const harness = await startGateway({ clock, authenticate: slowly, maxPendingHandshakes: 3 });
    for (const from of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) {
      await (await rawPeer(harness.port, { from })).write(handshake(pathOf('slow')));
    }
    await soon(() => expect(clock.timerCount).toBe(3));
    const late = await rawPeer(harness.port, { from: '127.0.0.5' });
    await late.write(handshake(pathOf('eve')));
    await soon(() => expect(statusOf(late)).toBe(503));
    expect(late.heard).toContain('Retry-After: 10\r\n');
    clock.passes(8_000);
    await chat(harness);
  });

  it('count until the verdict, also when the peer is gone: coming and going asks no more often', async () => {
    const clock = createVirtualClock();
    const authenticate = vi.fn(slowly);
    const harness = await startGateway({ clock, authenticate, maxPendingHandshakesPerAddress: 5 });
    for (let round = 0; round < 8; round += 1) {
      const peer = await rawPeer(harness.port);
      await peer.write(handshake(pathOf('slow')));
      if (round < 5) await soon(() => expect(authenticate).toHaveBeenCalledTimes(round + 1));
      peer.reset();
    }
    expect(authenticate).toHaveBeenCalledTimes(5);
    await chat(harness);
  });
});

describe('sockets', () => {
  it('are bounded from one address and in all, with those that were closed and do not go', async () => {
    const harness = await startGateway({ maxSockets: 6, maxSocketsPerAddress: 3 });
    const refused = (options: { from: string }) =>
      rawPeer(harness.port, options).then(async (peer) => {
        await peer.write(handshake(pathOf('eve')));
        await soon(() => expect(statusOf(peer)).not.toBeNull());
        return statusOf(peer);
      });
    // These are told 4401 and stay, for the two seconds that a closing handshake may take.
    const strangers = await peers(3, harness.port, { isDeaf: true });
    for (const stranger of strangers) await stranger.write(handshake('/connect/wrong/'));
    await soon(() => expect(refusedWith(101, strangers)).toBe(3));
    expect(await refused({ from: ATTACKER })).toBe(429);
    await chat(harness);
    expect(await refused({ from: '127.0.0.2' })).toBe(101);
    expect(await refused({ from: '127.0.0.3' })).toBe(503);
    for (const stranger of strangers) stranger.reset();
    await soon(async () => expect(await refused({ from: ATTACKER })).toBe(101));
  });

  const countedApart = async (trustProxy: number | string[] | undefined, first: string, second: string) => {
    const harness = await startGateway({
      maxSocketsPerAddress: 1,
      ...(trustProxy === undefined ? {} : { trustProxy }),
    });
    const statuses: (number | null)[] = [];
    for (const forwarded of [first, second]) {
      const peer = await rawPeer(harness.port, { from: HONEST });
      await peer.write(handshake(pathOf('eve'), { headers: { 'X-Forwarded-For': forwarded } }));
      await soon(() => expect(statusOf(peer)).not.toBeNull());
      statuses.push(statusOf(peer));
    }
    return statuses[1] === 101;
  };

  it.each([
    ['without trustProxy whatever the header says', undefined, '1.1.1.1', '2.2.2.2', false],
    ['behind one proxy by what it wrote', 1, '1.1.1.1', '2.2.2.2', true],
    [
      'behind one proxy not by what a client wrote before it',
      1,
      '6.6.6.6, 1.1.1.1',
      '7.7.7.7, 1.1.1.1',
      false,
    ],
    ['behind two proxies by what the outer one wrote', 2, '1.1.1.1, 9.9.9.9', '2.2.2.2, 9.9.9.9', true],
    ['behind proxies of a list', ['loopback', '10.0.0.0/8'], '1.1.1.1, 10.3.3.3', '2.2.2.2, 10.4.4.4', true],
    [
      'behind a list not by what stands left of a stranger',
      ['loopback'],
      '6.6.6.6, 1.1.1.1',
      '7.7.7.7, 1.1.1.1',
      false,
    ],
    ['of one network of IPv6 together', 1, '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', false],
    ['of two networks of IPv6 apart', 1, '2001:db8:1:2::1', '2001:db8:1:3::1', true],
  ])('are counted %s', async (_how, trustProxy, first, second, isApart) => {
    expect(await countedApart(trustProxy, first, second)).toBe(isApart);
  });
});

describe('a proxy on a Unix socket', () => {
  it('has no address of its own, and its clients have those that it tells', async () => {
    const { server } = await startGateway({ trustProxy: 1, maxSocketsPerAddress: 1 });
    const path = join(tmpdir(), `statesocket-${randomUUID()}.sock`);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const dial = async (from: string) => {
      const ws = new WebSocket(`ws+unix:${path}:${pathOf('anna')}`, { headers: { 'X-Forwarded-For': from } });
      onTestFinished(() => ws.terminate());
      return once(ws, 'open').then(
        () => 'open',
        (error: unknown) => String(error),
      );
    };
    expect(await dial('1.1.1.1')).toBe('open');
    expect(await dial('1.1.1.1')).toContain('429');
    expect(await dial('2.2.2.2')).toBe('open');
  });
});

describe('what is no WebSocket upgrade of our path', () => {
  const startWeb = async () => {
    const harness = await startGateway();
    harness.server.removeAllListeners('request');
    harness.server.on('request', (request, response) => {
      let body = '';
      request.on('data', (bytes) => {
        body += String(bytes);
      });
      request.on('end', () => {
        const kept = request.headers['x-kept'] ?? 'no';
        response.end(`web: ${request.method} ${request.url} ${body} kept=${kept}`);
      });
    });
    return harness;
  };

  it('is answered as the request it is: an offer of HTTP/2 (h2c), on any path, with its body', async () => {
    const harness = await startWeb();
    for (const path of ['/', '/index.html', pathOf('anna')]) {
      const peer = await rawPeer(harness.port);
      await peer.write(h2c(path));
      await peer.left;
      expect(peer.heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(peer.heard).toContain(`web: GET ${path}  kept=yes`);
      expect(peer.heard).toContain('Connection: close');
    }
    const poster = await rawPeer(harness.port);
    const text = h2c('/form', { method: 'POST', body: 'a body that comes in two pieces' });
    await poster.write(text.slice(0, -6));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await poster.write(text.slice(-6));
    await poster.left;
    expect(poster.heard).toContain('web: POST /form a body that comes in two pieces kept=yes');
    await chat(harness);
  });

  it('is answered as the request it is: a WebSocket of another path', async () => {
    const harness = await startWeb();
    const peer = await rawPeer(harness.port);
    await peer.write(handshake('/elsewhere'));
    await peer.left;
    expect(peer.heard).toContain('web: GET /elsewhere ');
  });

  it('cannot be smuggled in behind a request whose response is not finished', async () => {
    const harness = await startGateway();
    const sockets = rawSocketsOf(harness.server);
    harness.server.removeAllListeners('request');
    harness.server.on('request', (request, response) => {
      setTimeout(() => response.end(`web: ${request.url}`), request.url === '/slow' ? 50 : 0);
    });
    for (const second of [h2c('/second'), handshake(pathOf('eve')), handshake('/second')]) {
      const peer = await rawPeer(harness.port);
      await peer.write(`GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${second}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      peer.socket.end();
      await peer.left;
      // Cut off, or from Node 24.9 on in order: never a response in the place of another.
      const paths = [...peer.heard.matchAll(/web: (\S+?)(?=HTTP|$)/g)].map(([, path]) => path);
      expect(['', '/slow', '/slow /second']).toContain(paths.join(' '));
      expect(peer.heard).not.toContain('HTTP/1.1 101');
      if (peer.heard !== '') expect(peer.heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    }
    await soon(() => expect(sockets.filter(({ destroyed }) => !destroyed).length).toBe(0));
  });

  it('is told why although it has sent more than anybody reads', async () => {
    const harness = await startGateway();
    const peer = await rawPeer(harness.port);
    await peer.write(`${handshake(pathOf('eve'), { method: 'POST' })}${'x'.repeat(500_000)}`);
    await peer.left;
    expect(peer.heard).toBe(
      'HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\nAllow: GET\r\n\r\n',
    );
  });

  it('is left to another listener of upgrades', async () => {
    const harness = await startWeb();
    harness.server.on('upgrade', (request, socket) => {
      if (request.headers.upgrade === 'h2c') socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
    });
    const peer = await rawPeer(harness.port);
    await peer.write(h2c('/'));
    await peer.left;
    expect(statusOf(peer)).toBe(418);
    await chat(harness);
  });

  it.each([
    ['another method than GET', { method: 'POST' }, 405, 'Allow: GET'],
    [
      'a version of before the RFC',
      { headers: { 'Sec-WebSocket-Version': '8' } },
      426,
      'Sec-WebSocket-Version: 13',
    ],
    ['a version of the future', { headers: { 'Sec-WebSocket-Version': '14' } }, 426, 'Upgrade: websocket'],
    ['the method PUT', { method: 'PUT' }, 405, 'Allow: GET'],
    ['the method HEAD', { method: 'HEAD' }, 405, 'Allow: GET'],
    ['HTTP/1.0, which knows no upgrade', { version: '1.0' }, 400, 'Connection: close'],
    ['no version', { headers: { 'Sec-WebSocket-Version': null } }, 426, 'Sec-WebSocket-Version: 13'],
    ['no key', { headers: { 'Sec-WebSocket-Key': null } }, 400, 'Connection: close'],
    ['a key of the wrong length', { headers: { 'Sec-WebSocket-Key': 'dGVzdA==' } }, 400, 'Content-Length: 0'],
  ])('is refused as RFC 6455 says: %s', async (_what, change, status, header) => {
    const authenticate = vi.fn(async (token: string) => userOf(token));
    const harness = await startGateway({ authenticate });
    const peer = await rawPeer(harness.port);
    await peer.write(handshake(pathOf('eve'), change));
    await peer.left;
    expect(statusOf(peer)).toBe(status);
    expect(peer.heard).toContain(`${header}\r\n`);
    expect(authenticate).not.toHaveBeenCalled();
    await chat(harness);
  });
});

describe('the log', () => {
  it('of 320 peers that break the protocol is a few lines and a count, without stacks', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    const harness = await startGateway();
    const clock = createVirtualClock();
    const second = createGateway({
      server: harness.server,
      engine: memoryEngine(),
      authenticate: async (token) => userOf(token),
      allowedOrigins: [PAGE],
      handle: () => {},
      maxPendingHandshakesPerAddress: 400,
      clock,
    });
    // The first lets go of the server, so that the second, whose onError is the default, has it alone.
    await harness.gateway.close();
    const attackers = await peers(320, harness.port);
    // A frame that is not masked, right behind the handshake.
    await Promise.all(attackers.map((peer, at) => peer.write(`${handshake(pathOf(`eve${at}`))}\x01\x01x`)));
    await soon(() => expect(attackers.filter(({ heard }) => heard === '').length).toBe(0));
    await Promise.all(attackers.map(({ left }) => left));
    await second.close();
    const lines = printed.mock.calls.map(([line]) => String(line));
    const broken = lines.filter((line) => line.includes('socket-error'));
    expect(broken).toHaveLength(6);
    const told = attackers.filter((peer) => statusOf(peer) === 101).length;
    expect(broken.at(-1)).toBe(`statesocket gateway: socket-error: ${told - 5} more like it were left out.`);
    expect(lines.join('\n').length).toBeLessThan(3_000);
    for (const line of lines) expect(line).not.toMatch(/\n| {4}at /);
  });
});
