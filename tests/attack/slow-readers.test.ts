import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createVirtualClock, type VirtualClock } from 'statesocket/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway } from '../gateway/support/gateway-harness.ts';
import { clientFrame } from './support/client-frame.ts';
import { HONEST, handshake, type RawPeer, rawPeer } from './support/raw-peer.ts';

const MiB = 1024 * 1024;
const BEAT_MS = 14_000;
/** Frames that ask for something: what a client of the extension may send without being closed for it. */
const ASKS_PER_SECOND = 20;
/** Who is online is a frame of some 100 kB: an answer that is much larger than its question. */
const CROWD = Array.from({ length: 50 }, (_, n) => `${n}-${'x'.repeat(2_000)}`);

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
/** What this process holds after a garbage collection: strings, buffers and objects. */
const heldBytes = () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
/** Lets the server read and write until it has come so far. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 1 });

const start = async () => {
  const clock = createVirtualClock();
  const handled = { count: 0 };
  const harness = await startGateway({
    clock,
    maxBufferedBytes: MiB,
    presenceGraceMs: 0,
    presence: { watchers: () => [], watched: (userId) => (userId.startsWith('peer') ? CROWD : []) },
    handle(_command, { reject }) {
      handled.count += 1;
      reject('x'.repeat(128));
    },
  });
  /** A peer that reads nothing. */
  const dialDeaf = async (userId: string) => {
    const ws = new WebSocket(`ws://127.0.0.1:${harness.port}/connect/token-of-${userId}/`);
    onTestFinished(() => ws.terminate());
    ws.on('error', () => {}); // it is terminated in the end
    await once(ws, 'open');
    ws.pause();
    return ws;
  };
  return { ...harness, clock, handled, dialDeaf };
};

/** They say that they are alive, and ask for as much as they may. */
const askFor = async (
  seconds: number,
  peers: readonly WebSocket[],
  { clock, handled }: { readonly clock: VirtualClock; readonly handled: { readonly count: number } },
) => {
  for (let second = 0; second < seconds; second += 1) {
    for (let ask = 1; ask <= ASKS_PER_SECOND; ask += 1) {
      const n = second * ASKS_PER_SECOND + ask;
      const goal = handled.count + peers.length;
      for (const ws of peers) {
        ws.send('[{"type":"RESUME","after":"0"},{"type":"PING"}]');
        ws.send(`{"type":"SEND","clientId":"page ${n % 8}","n":${n},"key":"${n}"}`);
        ws.pong();
      }
      // One by one: of RESUMEs that come at once only the newest is answered.
      await until(() => expect(handled.count).toBe(goal));
    }
    clock.passes(1_000);
  }
};

describe('peers that pong, ask and never read', () => {
  it('pin little more than maxBufferedBytes each, beside the same run with peers that are quiet', async () => {
    const gateway = await start();
    for (const userId of CROWD) gateway.dial(userId);
    await until(() => expect(gateway.gateway.connectionCount).toBe(CROWD.length));
    const pinned: Record<string, number> = {};
    for (const [kind, seconds] of [
      ['quiet', 0],
      ['deaf', 13],
    ] as const) {
      const peers = await Promise.all([1, 2, 3, 4].map((n) => gateway.dialDeaf(`peer ${kind} ${n}`)));
      const before = heldBytes();
      await askFor(seconds, peers, gateway);
      await turn();
      pinned[kind] = heldBytes() - before;
      for (const ws of peers) ws.terminate();
    }
    // Without a rule it is 100 MiB, less what the kernel takes.
    expect(((pinned.deaf ?? 0) - (pinned.quiet ?? 0)) / MiB).toBeLessThan(4 * 2);
  }, 60_000);

  it('are closed and cut off 60 s after they took something, and some more for what is on its way, and what waited for them is let go', async () => {
    const { gateway, server, clock, handled, dialDeaf, dial } = await start();
    for (const userId of CROWD) dial(userId);
    await until(() => expect(gateway.connectionCount).toBe(CROWD.length));
    const before = heldBytes();
    const deaf = await dialDeaf('peer');
    await askFor(13, [deaf], { clock, handled });
    let seconds = 13;
    // The crowd is silent too, and goes.
    for (; gateway.isOnline('peer') && seconds < 100; seconds += BEAT_MS / 1_000) {
      deaf.pong();
      await until(() => expect(deaf.bufferedAmount).toBe(0));
      await turn();
      clock.passes(BEAT_MS);
    }
    expect(seconds).toBeLessThanOrEqual(13 + 60 + 2 * 14);
    clock.passes(2_000);
    const count = () => new Promise((resolve) => server.getConnections((_error, open) => resolve(open)));
    await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 10_000 });
    expect((heldBytes() - before) / MiB).toBeLessThan(1);
  }, 60_000);
});

describe('an honest reader on a slow link', () => {
  it('that takes some 2 MB between two heartbeats is not closed, and gets all in order', async () => {
    const { connect, gateway, clock } = await start();
    const slow = await connect('anna');
    const messageCount = 60;
    const padding = 'x'.repeat(900_000);
    slow.ws.pause();
    for (let n = 0; n < messageCount; n += 1)
      await gateway.publish(['anna'], { type: 'NEW_MESSAGE', payload: n, padding });
    let beats = 0;
    while (slow.frames.length < messageCount && beats < 200) {
      const goal = slow.of('NEW_MESSAGE').length + 2;
      slow.ws.resume();
      await until(() =>
        expect(slow.of('NEW_MESSAGE').length).toBeGreaterThanOrEqual(Math.min(goal, messageCount)),
      );
      slow.ws.pause();
      clock.passes(BEAT_MS);
      await turn();
      beats += 1;
    }
    expect(slow.of('NEW_MESSAGE').map(({ payload }) => payload)).toEqual(
      Array.from({ length: messageCount }, (_, n) => n),
    );
    expect(slow.ws.readyState).toBe(WebSocket.OPEN);
    expect(beats).toBeGreaterThan(10);
  }, 60_000);
});

describe('a peer with many small live frames that wait for it', () => {
  const FRAME_COUNT = 50_000;
  const FILL = 'x'.repeat(60_000);

  /** A plain client that reads nothing, whose kernels are full, and how often its socket was written to. */
  const pileUp = async () => {
    const writes = { count: 0 };
    const { gateway, server, port } = await startGateway({ presenceGraceMs: 0, onError: () => {} });
    server.on('connection', (socket) => {
      const write = socket.write.bind(socket);
      vi.spyOn(socket, 'write').mockImplementation((...args: Parameters<typeof write>) => {
        writes.count += 1;
        return write(...args);
      });
    });
    const peer = await rawPeer(port, { from: HONEST });
    await peer.write(handshake('/connect/token-of-peer/'));
    await until(() => expect(peer.heard).toContain('WELCOME'));
    peer.socket.write(clientFrame(1, Buffer.from('[]')));
    await until(() => {
      gateway.publishVolatile(['peer'], { type: 'FIRST' });
      expect(peer.heard).toContain('FIRST');
    });
    peer.socket.pause();
    for (let n = 0; n < 90; n += 1) gateway.publishVolatile(['peer'], { type: 'FILL', FILL });
    await turn();
    for (let n = 0; n < FRAME_COUNT; n += 1) {
      gateway.publishVolatile(['peer'], { type: 'T' });
      if (n % 1_000 === 0) await turn();
    }
    await turn();
    gateway.publishVolatile(['peer'], { type: 'LAST' });
    await turn();
    expect(gateway.connectionCount).toBe(1);
    return { gateway, peer, writes };
  };

  it.each([
    ['resets', (peer: RawPeer) => peer.reset()],
    ['ends its half', (peer: RawPeer) => void peer.socket.end()],
    ['closes', (peer: RawPeer) => void peer.socket.write(clientFrame(8, Buffer.from([3, 0xe8])))],
  ])(
    'ends no more than itself when it %s',
    async (_how, go) => {
      const { gateway, peer } = await pileUp();
      go(peer);
      await turn();
      gateway.publishVolatile(['peer'], { type: 'T' });
      peer.socket.resume();
      // What is thrown in a callback of a socket ends the process, and fails the run.
      await until(() => expect(gateway.connectionCount).toBe(0));
    },
    60_000,
  );

  it('gets them in few writes when it reads again', async () => {
    const { peer, writes } = await pileUp();
    const before = writes.count;
    peer.socket.resume();
    await until(() => expect(peer.heard.endsWith('{"type":"LAST"}')).toBe(true));
    expect(peer.heard.split('{"type":"T"}').length - 1).toBe(FRAME_COUNT);
    expect(writes.count - before).toBeLessThan(FRAME_COUNT / 100);
  }, 60_000);
});
