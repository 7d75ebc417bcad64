import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { type GatewayOptions, memoryEngine } from '../../src/gateway/index.ts';
import { settleOptions } from '../../src/gateway/settle-options.ts';
import { createFrontDoor } from '../../src/gateway/wire/front-door.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { userOf } from './support/gateway-harness.ts';

/** What an upgrade is like, where it is not like all others. */
interface Arriving {
  readonly url?: string;
  readonly method?: string;
  readonly isAnswering?: boolean;
  /** What the peer's socket says of itself. */
  readonly from?: { readonly remoteAddress?: string; readonly localAddress?: string };
}

const RAW_HEADERS = [
  'Host',
  'red.gift',
  'UPGRADE',
  'websocket',
  'Connection',
  'upgrade',
  'Content-Length',
  '7',
];

/** A front door with a server that is told of upgrades by the test: as many in one turn of the loop as it likes. */
const startDoor = (
  options: Partial<GatewayOptions> = {},
  /** Until it resolves all verdicts are awaited. */
  verdict: Promise<void> = Promise.resolve(),
  server = new EventEmitter(),
) => {
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
      ...options,
    }),
    report: (error) => errors.push(error),
    observation: null,
    async judge({ token }) {
      judged.push(token);
      await verdict;
      return () => {};
    },
  });
  const handedBack: unknown[] = [];
  server.on('request', () => {});
  server.on('connection', (socket) => handedBack.push(socket));
  const arrive = (
    name: string,
    { url = `/connect/${name}/`, isAnswering = false, from = {}, method = 'GET' }: Arriving = {},
  ) => {
    const peer = new Socket();
    for (const [of, value] of Object.entries(from)) Object.defineProperty(peer, of, { value });
    const request = new IncomingMessage(peer);
    request.method = method;
    request.httpVersion = '1.1';
    request.rawHeaders = RAW_HEADERS;
    request.url = url;
    request.headers = {
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const socket = new PassThrough();
    // As Node marks a socket whose last response is not finished.
    if (isAnswering) Object.assign(socket, { _httpMessage: {} });
    server.emit('upgrade', request, socket, Buffer.from('{"n":1}'));
    return socket;
  };
  return { door, server, judged, handedBack, arrive, errors, clock };
};

/** What a socket is told from now on. */
const heardBy = (socket: PassThrough) => {
  const heard: string[] = [];
  socket.on('data', (bytes) => heard.push(String(bytes)));
  return () => heard.join('');
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
  const heard = heardBy(sockets.at(-1) ?? new PassThrough());
  door.shut();
  await turns(20);
  expect(judged).toHaveLength(askedAtOnce);
  expect(heard()).toMatch(/^HTTP\/1\.1 503 /);
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

it('tells the operator which limit refuses connections, once a minute, and how many', () => {
  const { arrive, errors, clock } = startDoor({ maxSockets: 2 });
  for (const name of ['anna', 'bert', 'cleo', 'dora']) arrive(name);
  const what = 'A connection was refused with 503, since maxSockets is 2.';
  expect(errors.map(({ code, message }) => [code, message])).toEqual([['upgrade-refused', what]]);
  clock.passes(60_000);
  arrive('emil');
  expect(errors[1]?.message).toBe(`${what} 1 more like it since the last report.`);
});

it('counts a socket until it is gone, and tells of a proxy where one address has too many', async () => {
  const { arrive, errors, judged } = startDoor({ maxSocketsPerAddress: 1 });
  const [anna, bert] = [{ remoteAddress: '192.0.2.1' }, { remoteAddress: '192.0.2.2' }].map((from) => ({
    from,
  }));
  const first = arrive('anna', anna);
  arrive('bert', bert);
  const refused = heardBy(arrive('anna again', anna));
  await turns(3);
  expect(refused()).toMatch(/^HTTP\/1\.1 429 .*\r\n[\s\S]*Retry-After: 30\r\n/);
  expect(errors.map(({ message }) => message)).toEqual([
    'A connection was refused with 429, since maxSocketsPerAddress is 1. Behind a proxy all clients have its address: ' +
      'set trustProxy.',
  ]);
  first.destroy();
  await turns(3);
  arrive('anna at last', anna);
  await turns(3);
  expect(judged).toEqual(['anna', 'bert', 'anna at last']);
});

it.each([
  ['maxPendingHandshakesPerAddress', 429],
  ['maxPendingHandshakes', 503],
] as const)('asks about no more than %s at once: one more is refused with %i', async (option, status) => {
  let decide = () => {};
  const verdict = new Promise<void>((resolve) => {
    decide = resolve;
  });
  const { arrive, judged, errors } = startDoor({ [option]: 2 }, verdict);
  for (const name of ['anna', 'bert']) arrive(name);
  const refused = heardBy(arrive('cleo'));
  await turns(3);
  expect(refused()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(`since ${option} is 2.`)]);
  decide();
  await turns(3);
  arrive('dora');
  await turns(3);
  expect(judged).toEqual(['anna', 'bert', 'dora']);
});

it('destroys a socket whose peer is gone, and counts and asks nothing', async () => {
  const { arrive, judged } = startDoor({ maxSockets: 1 });
  const gone = arrive('anna', { from: { localAddress: '192.0.2.1' } });
  expect(gone.destroyed).toBe(true);
  await turns(3);
  expect(judged).toEqual([]);
  // One on a Unix socket has no address at all.
  arrive('bert');
  await turns(3);
  expect(judged).toEqual(['bert']);
});

it('gives a request back as it came, without what made it an upgrade, so that its body is whole', () => {
  const { arrive, handedBack } = startDoor();
  const socket = arrive('', { url: '/api/notes?n=1', method: 'POST' });
  expect(handedBack).toEqual([socket]);
  expect(String(socket.read())).toBe(
    'POST /api/notes?n=1 HTTP/1.1\r\nHost: red.gift\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"n":1}',
  );
});

describe('a server that asks whether an upgrade is one (Node from 24.9)', () => {
  const upgrade = (url: string) => {
    const request = new IncomingMessage(new Socket());
    request.url = url;
    request.headers = { upgrade: 'websocket' };
    return request;
  };
  /** @param before What the owner of the server said to that question. */
  const ask = (before = (_: IncomingMessage) => true) => {
    const server = Object.assign(new EventEmitter(), { shouldUpgradeCallback: before });
    return {
      ...startDoor({}, undefined, server),
      server,
      asks: (url: string) => server.shouldUpgradeCallback(upgrade(url)),
    };
  };

  it('is told of those for the gateway alone, and takes all others as plain requests', () => {
    const { asks, errors } = ask();
    expect([asks('/connect/anna/'), asks('/other')]).toEqual([true, false]);
    expect(errors.map(({ code }) => code)).toEqual(['upgrade-refused']);
  });

  it('takes all upgrades where another listener waits for them, or nobody for requests', () => {
    const { asks, server, errors } = ask();
    server.on('upgrade', () => {});
    expect(asks('/other')).toBe(true);
    const alone = ask();
    alone.server.removeAllListeners('request');
    expect(alone.asks('/other')).toBe(true);
    expect([...errors, ...alone.errors]).toEqual([]);
  });

  it('goes on to hear what its owner says, and hears that alone once the gateway is gone', () => {
    const owner = (request: IncomingMessage) => request.url !== '/connect/closed/';
    const { asks, server, door } = ask(owner);
    expect([asks('/connect/closed/'), asks('/connect/anna/')]).toEqual([false, true]);
    door.leave();
    expect(server.shouldUpgradeCallback).toBe(owner);
  });
});
