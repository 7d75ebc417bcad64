import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { type Command, memoryEngine } from '../../src/gateway/index.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { clientFrame } from '../attack/support/client-frame.ts';
import { PAGE, startGateway, tokenOf, userOf } from './support/gateway-harness.ts';

const defer = () => {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

describe('a token', () => {
  it('opens a socket, with and without the last slash and with a query', async () => {
    const { connect, dial, gateway } = await startGateway();
    await connect('anna');
    await once(dial('', { path: `/connect/${tokenOf('bert')}` }).ws, 'open');
    await once(dial('', { path: `/connect/${tokenOf('cleo')}/?v=1` }).ws, 'open');
    expect(gateway.connectionCount).toBe(3);
    expect(['anna', 'bert', 'cleo'].map(gateway.isOnline)).toEqual([true, true, true]);
  });

  it('is percent-decoded before it is judged', async () => {
    const authenticate = vi.fn(async () => ({ userId: 'anna' }));
    const { dial } = await startGateway({ authenticate });
    await once(dial('', { path: '/connect/a%2Fb%20%C3%BC%25/' }).ws, 'open');
    expect(authenticate).toHaveBeenCalledWith('a/b ü%', 'connect');
  });

  it.each([
    '/connect/wrong/',
    '/connect/%E0%A4%A/',
    '/connect/%/',
    '/connect/%FF/',
    '/connect//',
    '/connect/',
  ])('is accepted and closed with 4401 when it is refused: %s', async (path) => {
    const { dial, gateway } = await startGateway();
    const client = dial('', { path });
    await once(client.ws, 'open');
    expect(await client.closed).toEqual({ code: 4401, reason: 'unauthenticated' });
    expect(gateway.connectionCount).toBe(0);
  });

  it('is tried again later (1013) when authenticate throws, rejects or answers nonsense', async () => {
    const answers = [
      () => Promise.reject(new Error('database gone')),
      () => {
        throw new Error('database gone');
      },
      () => Promise.resolve(undefined as never),
      () => Promise.resolve({ userId: '' }),
      () => Promise.resolve({ userId: 7 as never }),
    ];
    for (const authenticate of answers) {
      const { dial, errors } = await startGateway({ authenticate });
      expect((await dial('anna').closed).code).toBe(1013);
      expect(errors.map((error) => error.code)).toEqual(['authenticate-failed']);
    }
  });

  it('is tried again later (1013) when authenticate does not answer before the client gives up', async () => {
    const clock = createVirtualClock();
    const { dial, errors } = await startGateway({ clock, authenticate: () => new Promise(() => {}) });
    const client = dial('anna');
    await vi.waitFor(() => expect(clock.timerCount).toBe(1));
    clock.passes(8_000);
    expect((await client.closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['authenticate-failed']);
  });

  it('that was judged has no deadline any more', async () => {
    const clock = createVirtualClock();
    const { connect, errors } = await startGateway({ clock });
    const anna = await connect('anna');
    clock.passes(8_000);
    await anna.caughtUp();
    expect(errors).toEqual([]);
  });

  it('opens its user’s log where that ends now, and the log of nobody else', async () => {
    const { connect, gateway } = await startGateway({
      authenticate: async () => ({ userId: 'anna' }),
    });
    await gateway.publish(['anna'], { type: 'BEFORE' });
    await gateway.publish(['bert', 'token-of-bert'], { type: 'OF_ANOTHER' });
    const client = await connect('bert');
    await gateway.publish(['anna'], { type: 'AFTER' });
    await vi.waitFor(() => expect(client.of('AFTER')).toHaveLength(1));
    expect([...client.of('BEFORE'), ...client.of('OF_ANOTHER')]).toEqual([]);
  });

  it('is tried again later (1013) when the log of its user cannot be read', async () => {
    const engine = memoryEngine();
    await engine.close();
    const { dial, errors } = await startGateway({ engine });
    expect((await dial('anna').closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['engine-failed']);
  });

  it('is tried again later (1013) when its session cannot be set up, and leaves nothing behind', async () => {
    const engine = {
      ...memoryEngine(),
      subscribe: () => {
        throw new Error('no doorbell');
      },
    };
    const { dial, errors, gateway } = await startGateway({ engine });
    expect((await dial('anna').closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['engine-failed']);
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(0));
  });

  it('appears in no error and no close reason, however it fails (I13)', async () => {
    const canary = `token-of-${randomBytes(12).toString('hex')}`;
    const faults: ((token: string) => Promise<{ userId: string } | null>)[] = [
      async (token) => Promise.reject(new Error(`no row for ${token}`)),
      async () => null,
      async (token) => ({ userId: token.length as never }),
    ];
    const errors: StatesocketError[] = [];
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const reasons: string[] = [];
    for (const authenticate of faults) {
      for (const onError of [(error: StatesocketError) => void errors.push(error), undefined]) {
        const { dial } = await startGateway({ authenticate, ...(onError ? { onError } : {}) });
        reasons.push((await dial('', { path: `/connect/${canary}/` }).closed).reason);
      }
    }
    const { dial } = await startGateway({
      onError: (error) => void errors.push(error),
      allowedOrigins: (_origin, request) => {
        throw new Error(`what is ${request.url}`);
      },
    });
    reasons.push((await dial('', { path: `/connect/${canary}/`, origin: PAGE }).closed).reason);
    const told = inspect([errors, reasons, printed.mock.calls], {
      depth: 10,
      maxStringLength: null,
      showHidden: true,
    });
    printed.mockRestore();
    expect(errors.length).toBeGreaterThanOrEqual(3);
    expect(told).not.toContain(canary);
  });

  it('opens the socket only when it was judged, and nothing sent before is lost', async () => {
    const commands: Command[] = [];
    const asked = defer();
    let judge = () => {};
    const { port } = await startGateway({
      authenticate: (token) =>
        new Promise((resolve) => {
          asked.resolve();
          judge = () => resolve(userOf(token));
        }),
      handle: (command) => void commands.push(command),
    });
    const socket = connectTcp(port, '127.0.0.1');
    const text = Buffer.from('{"type":"EARLY"}');
    // A client frame is masked; a mask of zeros leaves the bytes as they are.
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    const handshake = `GET /connect/${tokenOf('anna')}/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
    const answered = vi.fn();
    socket.on('data', answered);
    socket.write(Buffer.concat([Buffer.from(handshake), frame]));
    socket.write(frame);
    await asked.promise;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).not.toHaveBeenCalled();
    judge();
    await vi.waitFor(() => expect(commands).toHaveLength(2));
    expect(commands[1]).toEqual({ kind: 'message', message: { type: 'EARLY' } });
    socket.destroy();
  });

  it('does no harm when the peer is gone before it was judged', async () => {
    const asked = defer();
    let judge = () => {};
    const { port, gateway, errors, connect } = await startGateway({
      authenticate: (token) =>
        token === tokenOf('anna')
          ? new Promise((resolve) => {
              asked.resolve();
              judge = () => resolve({ userId: 'anna' });
            })
          : Promise.resolve(userOf(token)),
    });
    const socket = connectTcp(port, '127.0.0.1');
    socket.write(
      `GET /connect/${tokenOf('anna')}/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    await asked.promise;
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    judge();
    await connect('bert');
    expect(gateway.connectionCount).toBe(1);
    expect(errors).toEqual([]);
  });
});

describe('an Origin', () => {
  it('is let in when it is on the list, exactly', async () => {
    const { connect } = await startGateway();
    await connect('anna', { origin: PAGE });
  });

  it.each([
    'https://evil.example',
    `${PAGE}.evil.example`,
    `${PAGE}:444`,
    'http://red.gift',
    `${PAGE}/`,
    'HTTPS://RED.GIFT',
    'null',
    '',
  ])('is accepted and closed with 4403 when it is not: "%s"', async (origin) => {
    const authenticate = vi.fn(async () => ({ userId: 'anna' }));
    const { dial } = await startGateway({ authenticate });
    const client = dial('anna', { headers: { origin } });
    await once(client.ws, 'open');
    expect((await client.closed).code).toBe(4403);
    expect(authenticate).not.toHaveBeenCalled();
  });

  it('may be judged by a function; a throw is tried again later (1013)', async () => {
    const { connect, dial } = await startGateway({
      allowedOrigins: (origin) => origin.endsWith('.red.gift'),
    });
    await connect('anna', { origin: 'https://app.red.gift' });
    expect((await dial('anna', { origin: PAGE }).closed).code).toBe(4403);
    const broken = await startGateway({
      allowedOrigins: () => {
        throw new Error('config');
      },
    });
    expect((await broken.dial('anna', { origin: PAGE }).closed).code).toBe(1013);
  });

  it('need not be there: only browsers send one', async () => {
    const { connect } = await startGateway({ allowedOrigins: [] });
    await connect('anna');
  });
});

describe('an upgrade', () => {
  it.each(['/', '/connect', '/connect/a/b/', '/other/token-of-anna/', '/connected/token-of-anna/'])(
    'to another path is answered as a plain request when nobody else listens: %s',
    async (path) => {
      const { dial } = await startGateway();
      const { ws, closed } = dial('', { path });
      const [error] = await once(ws, 'error');
      expect(String(error)).toContain('404');
      expect((await closed).code).toBe(1006);
    },
  );

  it('to another path is left to the other listener', async () => {
    const { dial, server } = await startGateway();
    server.on('upgrade', (request, socket) => {
      if (request.url === '/hmr') socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
    });
    const { ws } = dial('', { path: '/hmr' });
    const [error] = await once(ws, 'error');
    expect(String(error)).toContain('418');
  });

  it('beyond maxSocketsPerUser is closed with 4429, and others are not affected', async () => {
    const { connect, dial, gateway } = await startGateway({ maxSocketsPerUser: 2 });
    const first = await connect('anna');
    await connect('anna');
    expect((await dial('anna').closed).code).toBe(4429);
    await connect('bert');
    expect(gateway.connectionCount).toBe(3);
    first.ws.close();
    await first.closed;
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(2));
    await connect('anna');
  });
});

it('who is refused and goes on to send is not read from for long', async () => {
  const clock = createVirtualClock();
  const { port, server } = await startGateway({ clock });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const eve = connectTcp(port, '127.0.0.1');
  eve.on('error', () => {});
  const key = randomBytes(16).toString('base64');
  eve.write(
    `GET /connect/wrong/ HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  // Until its close: it never replies to that.
  await once(eve, 'data');
  for (let n = 0; n < 256; n += 1) eve.write(clientFrame(2, Buffer.alloc(64 * 1024)));
  await vi.waitFor(() => expect(sockets[0]?.isPaused()).toBe(true), { timeout: 10_000 });
  expect(sockets[0]?.bytesRead).toBeLessThan(1024 * 1024);
  const cut = new Promise((resolve) => eve.once('close', resolve));
  clock.passes(2_000);
  await cut;
});

describe('createGateway', () => {
  it.each([
    { heartbeatMs: 30_001 },
    { heartbeatMs: 0 },
    { maxPayloadBytes: 0 },
    { presenceGraceMs: -1 },
    { maxBufferedBytes: Number.NaN },
    { maxSocketsPerUser: 0 },
    { maxSockets: 0 },
    { maxSocketsPerAddress: -1 },
    { maxPendingHandshakes: '100' as never },
    { maxPendingHandshakesPerAddress: 0 },
    { trustProxy: true as never },
    { authenticate: undefined as never },
    { handle: 'echo' as never },
    { maxCommandsPerSecond: '5' as never },
    { maxBytesPerSecond: 0 },
    { maxLoopMsPerSecond: 1_001 },
    { maxLoopMsPerSecond: 0 },
    { maxInputBytesPerUser: 1024 * 1024 - 1 },
    { maxPayloadBytes: 1_000, maxInputBytesPerUser: 999 },
    { messageDeadlineMs: 0 },
    { messageDeadlineMs: '30 s' as never },
  ])('throws bad-option for %j', async (option) => {
    await expect(startGateway(option)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/^createGateway: /),
    });
  });
});
