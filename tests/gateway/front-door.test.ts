import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createVirtualClock } from 'statesocket/testing';
import { expect, it } from 'vitest';
import { memoryEngine } from '../../src/gateway/index.ts';
import { settleOptions } from '../../src/gateway/settle-options.ts';
import { createFrontDoor } from '../../src/gateway/wire/front-door.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { userOf } from './support/gateway-harness.ts';

/** A front door with a server that is told of upgrades by the test: as many in one turn of the loop as it likes. */
const startDoor = () => {
  const server = new EventEmitter();
  const judged: (string | null)[] = [];
  const errors: StatesocketError[] = [];
  const clock = createVirtualClock();
  const door = createFrontDoor({
    settings: settleOptions({
      server,
      engine: memoryEngine(),
      authenticate: async (token) => userOf(token),
      allowedOrigins: [],
      handle() {},
      clock,
    }),
    report: (error) => errors.push(error),
    observation: null,
    async judge({ token }) {
      judged.push(token);
      return () => {};
    },
  });
  const handedBack: unknown[] = [];
  server.on('request', () => {});
  server.on('connection', (socket) => handedBack.push(socket));
  const arrive = (name: string, { url = `/connect/${name}/`, isAnswering = false } = {}) => {
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    request.url = url;
    request.headers = {
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const socket = new PassThrough();
    // As Node marks a socket whose last response is not finished.
    if (isAnswering) Object.assign(socket, { _httpMessage: {} });
    server.emit('upgrade', request, socket, Buffer.alloc(0));
    return socket;
  };
  return { door, server, judged, handedBack, arrive, errors, clock };
};

const turns = async (count: number) => {
  for (let n = 0; n < count; n += 1) await nextTurn();
};

it('asks about nobody who is gone before the turn of that upgrade', async () => {
  const { judged, arrive } = startDoor();
  const sockets = Array.from({ length: 60 }, (_, at) => arrive(`peer-${at}`));
  const askedAtOnce = judged.length;
  expect(askedAtOnce).toBeLessThan(40);
  for (const socket of sockets.slice(40)) socket.destroy();
  await turns(20);
  expect(judged).toEqual(Array.from({ length: 40 }, (_, at) => `peer-${at}`));
});

it('asks about nobody who was refused before the turn of that upgrade, since the gateway closes', async () => {
  const { door, judged, arrive } = startDoor();
  const sockets = Array.from({ length: 60 }, (_, at) => arrive(`peer-${at}`));
  const askedAtOnce = judged.length;
  let heard = '';
  sockets.at(-1)?.on('data', (bytes) => {
    heard += String(bytes);
  });
  door.shut();
  await turns(20);
  expect(judged).toHaveLength(askedAtOnce);
  expect(heard).toMatch(/^HTTP\/1\.1 503 /);
});

it('gives an upgrade of another path back as a request, where nobody else listens for upgrades', () => {
  const { server, handedBack, arrive } = startDoor();
  const socket = arrive('', { url: '/other' });
  expect(handedBack).toEqual([socket]);
  server.on('upgrade', () => {});
  arrive('', { url: '/other' });
  expect(handedBack).toHaveLength(1);
});

it.each(['/other', '/connect/anna/'])(
  'cuts an upgrade to %s that comes in the midst of a response',
  async (url) => {
    const { judged, handedBack, arrive } = startDoor();
    const socket = arrive('', { url, isAnswering: true });
    expect(socket.destroyed).toBe(true);
    await turns(3);
    expect([...judged, ...handedBack]).toEqual([]);
  },
);

it('tells the operator of a handshake to another path, once a minute, and does not quote the path', () => {
  const { arrive, errors, clock } = startDoor();
  for (let n = 0; n < 3; n += 1) arrive('anna', { url: '/socket/token-of-anna/' });
  expect(errors.map(({ code, message }) => [code, message])).toEqual([
    [
      'upgrade-refused',
      'A WebSocket handshake came to another path than /connect/{token}/. No other listener takes it. ' +
        'If the client is yours, look at its url, and at the paths that a proxy changes.',
    ],
  ]);
  clock.passes(60_000);
  arrive('anna', { url: '/' });
  expect(errors[1]?.message).toContain('a proxy changes. 2 more like it since the last report.');
});

it('says nothing of another path that somebody else may listen for', () => {
  const { server, arrive, errors } = startDoor();
  server.on('upgrade', () => {});
  arrive('anna', { url: '/hot-reload' });
  expect(errors).toEqual([]);
});
