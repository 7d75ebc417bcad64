import { describe, expect, it } from 'vitest';
import { type Peer, settle, startHub } from './support/hub-harness.ts';

const MAX_COUNT = 4;

const start = () => {
  const harness = startHub({ limits: { maxSocketsPerUser: MAX_COUNT } });
  const { clock, connect } = harness;
  return {
    ...harness,
    /** So many sockets of anna, one every 100 ms. */
    async fill(count = MAX_COUNT): Promise<Peer[]> {
      const peers: Peer[] = [];
      for (let n = 0; n < count; n += 1) {
        clock.passes(100);
        peers.push(await connect('anna'));
      }
      return peers;
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 500) {
        clock.passes(Math.min(left, 500));
        await settle();
      }
    },
  };
};

const codes = (peers: readonly Peer[]) => peers.map(({ closeCode }) => closeCode);
const pingCounts = (peers: readonly Peer[]) =>
  peers.map(({ transport }) => transport.log.filter((line) => line === 'ping').length);

describe('a socket more than a user may have', () => {
  it('is served when the others are dead: the one that was silent for longest gives way after 2 s', async () => {
    const { connect, fill, pass, hub } = start();
    const zombies = await fill();
    for (const zombie of zombies) zombie.die();
    const page = await connect('anna');
    await page.resume(null);
    expect(page.types).toEqual(['WELCOME', 'RESUMED', 'PRESENCE']);
    await pass(1_999);
    expect(codes(zombies)).toEqual([null, null, null, null]);
    await pass(1);
    expect(codes([...zombies, page])).toEqual([4429, null, null, null, null]);
    expect(hub.connectionCount).toBe(MAX_COUNT);
  });

  it('is served at once where one has left a ping unanswered for 2 s: a flaky link dials on and on', async () => {
    const { connect, fill, pass } = start();
    const sockets = await fill();
    for (let dial = 0; dial < 20; dial += 1) {
      for (const socket of sockets) socket.die();
      await pass(3_000);
      sockets.push(await connect('anna'));
      await pass(2_000);
      expect(sockets.at(-1)?.closeCode).toBeNull();
    }
  });

  it('takes the place of the dead one among the living, and of no other', async () => {
    const { connect, fill, pass } = start();
    const sockets = await fill();
    sockets[2]?.die();
    const phone = await connect('anna');
    await pass(2_000);
    expect(codes([...sockets, phone])).toEqual([null, null, 4429, null, null]);
  });

  it('is closed with 4429 when all others answer, as soon as they have', async () => {
    const { connect, fill, hub } = start();
    const tabs = await fill();
    const phone = await connect('anna');
    await settle();
    expect(codes([...tabs, phone])).toEqual([null, null, null, null, 4429]);
    expect(hub.connectionCount).toBe(MAX_COUNT);
  });

  it('displaces no living one, however often it dials, and pings them every 10 s at most', async () => {
    const { connect, fill, pass } = start();
    const tabs = await fill();
    for (let dial = 0; dial < 100; dial += 1) {
      expect((await connect('anna')).closeCode).toBe(4429);
      await pass(100);
    }
    expect(codes(tabs)).toEqual([null, null, null, null]);
    expect(pingCounts(tabs)).toEqual([1, 1, 1, 1]);
    await connect('anna');
    expect(pingCounts(tabs)).toEqual([2, 2, 2, 2]);
  });

  it('takes the place of none that is alive and not read from, since its user sends too much; of a dead one among them it does', async () => {
    const { connect, fill, pass } = start();
    const sockets = await fill();
    for (const socket of sockets) socket.hold();
    await pass(500);
    const phone = await connect('anna');
    await pass(2_000);
    expect(codes([...sockets, phone])).toEqual([null, null, null, null, 4429]);

    const others = start();
    const [zombie, ...tabs] = await others.fill();
    zombie?.die();
    // All of them were asked, and those who live have answered, before they were held back.
    await others.pass(28_000);
    const page = await others.connect('anna');
    await others.pass(1_500);
    for (const socket of tabs) socket.hold();
    await others.pass(500);
    expect(page.closeCode).toBeNull();
    expect(codes(tabs)).toEqual([null, null, null]);
  });

  it('counts what it says as a sign of life, not pongs alone', async () => {
    const { connect, fill, pass } = start();
    const sockets = await fill();
    for (const socket of sockets) socket.die();
    const phone = await connect('anna');
    for (const socket of sockets) await socket.say({ type: 'PING' });
    await pass(2_000);
    expect(codes([...sockets, phone])).toEqual([null, null, null, null, 4429]);
  });

  it('has the place of one that goes meanwhile', async () => {
    const { connect, fill, pass } = start();
    const sockets = await fill();
    for (const socket of sockets) socket.die();
    const phone = await connect('anna');
    sockets[3]?.cut();
    await pass(2_000);
    expect(codes([...sockets, phone])).toEqual([null, null, null, null, null]);
  });

  it('is one of four at most that wait for the others to answer: the fifth is refused at once', async () => {
    const { connect, fill, pass, hub } = start();
    const zombies = await fill();
    zombies[0]?.die();
    zombies[1]?.die();
    const newcomers = [];
    for (let n = 0; n < 5; n += 1) newcomers.push(await connect('anna'));
    expect(codes(newcomers)).toEqual([null, null, null, null, 4429]);
    await pass(2_000);
    // The first to come have the two places.
    expect(codes(newcomers)).toEqual([null, null, 4429, 4429, 4429]);
    expect(codes(zombies)).toEqual([4429, 4429, null, null]);
    expect(hub.connectionCount).toBe(MAX_COUNT);
  });

  it('does not change what a heartbeat judges: a probe that was answered is no unanswered ping', async () => {
    const { connect, fill, pass } = start();
    const tabs = await fill();
    for (let n = 0; n < 20; n += 1) {
      await connect('anna');
      await pass(6_500);
    }
    expect(codes(tabs)).toEqual([null, null, null, null]);
    expect(tabs.flatMap(({ transport }) => transport.log)).not.toContain('terminate');
  });

  it('leaves others alone, and no timer when the gateway closes (I10)', async () => {
    const { connect, fill, hub, clock } = start();
    for (const zombie of await fill()) zombie.die();
    const bert = await connect('bert');
    await connect('anna');
    expect(bert.transport.log).not.toContain('ping');
    await hub.drain();
    expect(clock.timerCount).toBe(0);
  });
});
