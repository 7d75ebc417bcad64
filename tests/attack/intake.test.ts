import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway } from '../gateway/support/gateway-harness.ts';
import { clientFrame } from './support/client-frame.ts';
import { type Attacker, openAttacker, startGatewayProcess } from './support/gateway-process.ts';
import { ATTACKER, HONEST } from './support/raw-peer.ts';

vi.setConfig({ testTimeout: 60_000 });

const MIB = 1024 * 1024;
const TEXT = 1;
const BINARY = 2;
const PING = 9;
const PONG = 10;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** An honest person who sends a PING and waits for the HEARTBEAT, again and again; how long the slowest took, in ms. */
const startPinger = async (port: number, userId: string) => {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/connect/${userId}/`, { localAddress: HONEST });
  onTestFinished(() => ws.terminate());
  let answer = () => {};
  ws.on('message', (data) => {
    if (String(data).includes('HEARTBEAT')) answer();
  });
  await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
  const ping = () =>
    new Promise<number>((resolve, reject) => {
      const sentAt = performance.now();
      answer = () => resolve(performance.now() - sentAt);
      ws.once('close', (code) => reject(new Error(`The pinger was closed with ${code}.`)));
      ws.send('{"type":"PING"}');
    }).finally(() => ws.removeAllListeners('close'));
  return {
    async slowestOf(ms: number) {
      let slowest = 0;
      for (const end = performance.now() + ms; performance.now() < end; await pause(50)) {
        slowest = Math.max(slowest, await ping());
      }
      return slowest;
    },
  };
};

const crowdOf = (count: number, port: number, userIdOf: (at: number) => string): Promise<Attacker[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => openAttacker(port, userIdOf(at), ATTACKER)));

const batchOf = (member: string) =>
  `[${Array(Math.floor((MIB - 2) / (member.length + 1)))
    .fill(member)
    .join()}]`;
const manyKeys = () => {
  const members: string[] = ['"type":"PING"'];
  for (let at = 0; at < 70_000; at += 1) members.push(`"k${at}":0`);
  return `{${members.join()}}`;
};
/** A frame that no limit of commands stops, and that is worth a MiB of lists. */
const lists = () => `{"type":"PING","x":${batchOf('[0]').slice(0, -41)}]}`;

/** How much longer this machine takes than one with nothing else to do, at least 1: what a frame costs there is 40 ms. */
const slowness = (): number => {
  const text = lists();
  const begun = performance.now();
  for (let round = 0; round < 5; round += 1) JSON.parse(text);
  return Math.max(1, (performance.now() - begun) / 5 / 40);
};

describe('while somebody sends as fast as TCP takes it, another person is answered soon', () => {
  const floods: [string, number, (at: number) => string, () => Buffer][] = [
    [
      'frames of a MiB on 16 sockets of one account',
      16,
      () => 'eve',
      () => clientFrame(BINARY, Buffer.alloc(MIB - 1)),
    ],
    [
      'a MiB of lists on 16 sockets of one account',
      16,
      () => 'eve',
      () => clientFrame(TEXT, Buffer.from(lists())),
    ],
    [
      'a MiB of names on 16 sockets of one account',
      16,
      () => 'eve',
      () => clientFrame(TEXT, Buffer.from(manyKeys())),
    ],
    [
      'a MiB of lists from 8 accounts of one address',
      16,
      (at) => `eve ${at % 8}`,
      () => clientFrame(TEXT, Buffer.from(lists())),
    ],
    [
      'empty batches on 16 sockets of one account',
      16,
      () => 'eve',
      () => Buffer.concat(Array(8_000).fill(clientFrame(TEXT, Buffer.from('[]')))),
    ],
    [
      'pongs on 16 sockets of one account',
      16,
      () => 'eve',
      () => Buffer.concat(Array(10_000).fill(clientFrame(PONG, Buffer.alloc(0)))),
    ],
    [
      'pings on 16 sockets of one account',
      16,
      () => 'eve',
      () => Buffer.concat(Array(50).fill(clientFrame(PING, Buffer.alloc(0)))),
    ],
    [
      'frames of a MiB on sockets that are refused',
      16,
      () => '',
      () => clientFrame(BINARY, Buffer.alloc(MIB - 1)),
    ],
  ];

  it.each(floods)('%s', async (_what, count, userIdOf, make) => {
    const bytes = make();
    const { port, vitals } = await startGatewayProcess({ maxCommandsPerSecond: 1_000 });
    const pinger = await startPinger(port, 'anna');
    await pinger.slowestOf(300);
    const attackers = await crowdOf(count, port, (at) => encodeURIComponent(userIdOf(at)) || '%FF');
    await vitals();
    const quietMs = await pinger.slowestOf(500);
    const quiet = await vitals();
    for (const attacker of attackers) attacker.flood(bytes);
    const pingsMs = await pinger.slowestOf(2_500);
    const dialledAt = performance.now();
    await startPinger(port, 'newcomer');
    const dialMs = performance.now() - dialledAt;
    const attacked = await vitals();
    for (const attacker of attackers) attacker.stop();
    // Half a second is what is aimed at (docs/decisions/intake.md has the figures); without turns it is 5 to 13 s.
    const allowedMs = 1_500 * slowness();
    expect(pingsMs - quietMs).toBeLessThan(allowedMs);
    expect(dialMs).toBeLessThan(allowedMs);
    expect(attacked.longestBlockMs - quiet.longestBlockMs).toBeLessThan(allowedMs);
    const userCount = new Set(attackers.map((_, at) => userIdOf(at))).size;
    expect(attacked.heldBytes - quiet.heldBytes).toBeLessThan((16 * userCount + 16) * MIB);
  });
});

describe('a message that never ends', () => {
  const first = clientFrame(BINARY, Buffer.alloc(1), { isLast: false });
  const next = clientFrame(0, Buffer.alloc(1), { isLast: false });
  /** What stands between two fragments of a byte, so that each keeps a whole read of 64 KiB in memory. */
  const pongs = Buffer.concat(Array(500).fill(clientFrame(PONG, Buffer.alloc(125))));

  it('is cut with 1009 when it is made of fragments between pongs, and holds no memory until then', async () => {
    const { port, vitals } = await startGatewayProcess({ maxBytesPerSecond: 1_000 * MIB });
    const before = await vitals();
    const attackers = await crowdOf(16, port, () => 'eve');
    const codes = Promise.all(attackers.map(({ closed }) => closed));
    for (const { socket, flood } of attackers) {
      socket.write(first);
      flood(Buffer.concat([pongs, next]));
    }
    let most = 0;
    let isOver = false;
    void codes.then(() => {
      isOver = true;
    });
    while (!isOver) most = Math.max(most, (await vitals()).heldBytes);
    // By itself, or because all sixteen together are too much for one user.
    for (const code of await codes) expect([1009, 4429]).toContain(code);
    expect(most - before.heldBytes).toBeLessThan(40 * MIB);
  });

  it('keeps at most 2 MiB of one socket and 16 of one user, and goes with 4408 after its deadline', async () => {
    const { port, vitals } = await startGatewayProcess({
      messageDeadlineMs: 3_000,
      maxBytesPerSecond: 1_000 * MIB,
    });
    const attackers = await crowdOf(16, port, () => 'eve');
    const before = await vitals();
    // Each stops just before it would be too much.
    for (const { socket } of attackers) {
      socket.write(first);
      for (let n = 0; n < 14; n += 1) socket.write(Buffer.concat([pongs, next]));
    }
    await pause(1_000);
    const { heldBytes } = await vitals();
    expect(heldBytes - before.heldBytes).toBeGreaterThan(8 * MIB);
    expect(heldBytes - before.heldBytes).toBeLessThan(20 * MIB);
    // A second for each 4 KiB would keep them for long: these are ended by their peers.
    for (const { socket } of attackers.slice(1)) socket.destroy();
    await vi.waitFor(async () => expect((await vitals()).heldBytes - before.heldBytes).toBeLessThan(4 * MIB));
  });

  it('is cut with 4408 when it drips, though each drop is a sign of life', async () => {
    const { port, vitals } = await startGatewayProcess({ messageDeadlineMs: 1_500, heartbeatMs: 500 });
    const attackers = await crowdOf(16, port, () => 'eve');
    const before = await vitals();
    for (const { socket } of attackers) {
      socket.write(first);
      const timer = setInterval(() => socket.write(next), 100);
      onTestFinished(() => clearInterval(timer));
    }
    expect(await Promise.all(attackers.map(({ closed }) => closed))).toEqual(Array(16).fill(4408));
    expect((await vitals()).heldBytes - before.heldBytes).toBeLessThan(4 * MIB);
  });
});

describe('an honest person', () => {
  it('sends an image of 900 kB over a slow link, on which no pong can come before its end', async () => {
    const { port, vitals } = await startGatewayProcess({ heartbeatMs: 400 });
    const { socket, closed } = await openAttacker(port, 'anna');
    const frame = clientFrame(BINARY, Buffer.alloc(900_000));
    for (let at = 0; at < frame.length; at += 30_000) {
      socket.write(frame.subarray(at, at + 30_000));
      await pause(100);
    }
    await vi.waitFor(async () => expect((await vitals()).commandCount).toBe(1));
    // With nothing under way any more, a peer that does not answer its pings is dropped.
    expect(await closed).toBe(-1);
  });

  it('sends four images at once from sixteen tabs, and none is lost or refused', async () => {
    const { port, vitals } = await startGatewayProcess();
    const tabs = await crowdOf(16, port, () => 'anna');
    const frame = clientFrame(BINARY, Buffer.alloc(250_000));
    for (const { socket } of tabs) for (let n = 0; n < 4; n += 1) socket.write(frame);
    let count = 0;
    await vi.waitFor(
      async () => {
        count += (await vitals()).commandCount;
        expect(count).toBe(64);
      },
      { timeout: 50_000, interval: 200 },
    );
  });
});

describe('a socket that is not read from, since its user has sent too much', () => {
  const startFlood = async () => {
    const harness = await startGateway({ maxBytesPerSecond: 1_000, maxPayloadBytes: 100_000 });
    const [flooding, idle] = [await harness.connect('eve'), await harness.connect('eve')];
    // Two of the largest frames, or four seconds' worth, are free.
    for (let n = 0; n < 4; n += 1) flooding.ws.send(Buffer.alloc(99_000));
    // Nobody says so to a client: what it sends is not answered any more.
    const isHeld = async () => {
      const answer = new Promise((resolve) => idle.ws.once('pong', () => resolve(false)));
      idle.ws.ping();
      return Promise.race([answer, pause(200).then(() => true)]);
    };
    await vi.waitFor(async () => expect(await isHeld()).toBe(true), { timeout: 15_000 });
    return { ...harness, idle };
  };

  it('is closed at once all the same when the app says so', async () => {
    const { gateway, idle } = await startFlood();
    gateway.disconnectUser('eve', 4_000, 'away with you');
    expect(await idle.closed).toEqual({ code: 4_000, reason: 'away with you' });
  });

  it('does not keep the gateway from closing within 2 s', async () => {
    const { gateway, idle } = await startFlood();
    const begun = performance.now();
    await gateway.close();
    expect(performance.now() - begun).toBeLessThan(2_000 + 500 * slowness());
    expect((await idle.closed).code).toBe(1012);
  });

  it('goes on to get what is published', async () => {
    const { gateway, idle } = await startFlood();
    await gateway.publish(['eve'], { type: 'NEWS' });
    await vi.waitFor(() => expect(idle.of('NEWS')).toHaveLength(1), { timeout: 15_000 });
  });
});
