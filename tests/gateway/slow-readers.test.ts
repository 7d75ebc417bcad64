import type { VirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { SLICE_MS } from '../../src/gateway/fair-scheduler.ts';
import { EMPTY_POSITION } from '../../src/gateway/index.ts';
import { command, type Peer, passOnToBert, settle, startHub } from './support/hub-harness.ts';

const MAX_BYTES = 4_000;
const BEAT_MS = 14_000;

const startSlow = (options: Parameters<typeof startHub>[0] = {}) =>
  startHub({ ...options, limits: { maxBufferedBytes: MAX_BYTES, ...options.limits } });

const beat = async (clock: VirtualClock) => {
  clock.passes(BEAT_MS);
  await settle();
};
/** What a socket was given since the session had so many lines. */
const since = (peer: Peer, count: number) => peer.transport.log.slice(count);
const typing = { type: 'TYPING', padding: 'x'.repeat(300) };
const note = (n: number) => JSON.stringify({ type: 'NEW_MESSAGE', payload: n, padding: 'x'.repeat(300) });

/** A client of the extension that reads no more, with as much waiting for it as may. */
const stall = async (peer: Peer, publish: () => void) => {
  peer.transport.stall();
  for (let n = 0; n < 40; n += 1) publish();
  await settle();
  return peer.transport.log.length;
};

describe('a client of the extension that reads slowly (I15)', () => {
  it('is held to what may wait, whatever it asks for: RESUME, PING and commands, while it pongs', async () => {
    const { connect, clock, engine } = startSlow({
      presence: { watchers: () => [], watched: () => Array.from({ length: 50 }, (_, n) => `user ${n}`) },
      handle(_command, { reject }) {
        reject('x'.repeat(100));
      },
    });
    await engine.append('anna', [note(1), note(2)]);
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    anna.transport.stall();
    let highest = 0;
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < 40; n += 1) {
        await anna.say([{ type: 'RESUME', after: EMPTY_POSITION }, { type: 'PING' }]);
        await anna.say(command('page', round * 40 + n + 1));
        highest = Math.max(highest, anna.transport.bufferedBytes);
        clock.passes(50);
      }
      await beat(clock);
    }
    expect(highest).toBeLessThan(2 * MAX_BYTES);
    expect(anna.closeCode).toBeNull();
  });

  it('gets the answer to its newest RESUME when there is room again', async () => {
    const { connect, engine, hub } = startSlow();
    const ids = await engine.append('anna', [note(1), note(2)]);
    const anna = await connect('anna');
    await anna.resume(null);
    const count = await stall(anna, () => hub.publishVolatile(['anna'], typing));
    await anna.resume('nonsense');
    await anna.resume(ids[1] ?? '');
    await anna.resume(ids[0] ?? '');
    expect(anna.of('RESUMED')).toHaveLength(1);
    anna.transport.flush();
    await settle();
    expect(anna.of('RESUMED').slice(1)).toEqual([{ type: 'RESUMED', ok: true, last: ids[1] }]);
    expect(since(anna, count).at(-1)).toContain(ids[1]);
  });

  it('gets the newest receipt of each of its clients, which stands for all', async () => {
    const handle = passOnToBert();
    const { connect, hub } = startSlow({ handle });
    const anna = await connect('anna');
    await anna.resume(null);
    await stall(anna, () => hub.publishVolatile(['anna'], typing));
    for (let n = 1; n <= 20; n += 1) await anna.say([command('one', n), command('two', n)]);
    // What she does reaches others all the same.
    expect(handle).toHaveBeenCalledTimes(40);
    anna.transport.flush();
    await settle();
    expect(anna.of('RECEIPT')).toEqual([
      { type: 'RECEIPT', clientId: 'one', n: 20, rejected: [] },
      { type: 'RECEIPT', clientId: 'two', n: 20, rejected: [] },
    ]);
  });

  it('gets its durable messages in order, and the volatile ones that there was room for', async () => {
    const { connect, engine, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(EMPTY_POSITION);
    await stall(anna, () => hub.publishVolatile(['anna'], typing));
    await engine.append('anna', [note(1), note(2), note(3)]);
    await settle();
    anna.transport.flush();
    await settle();
    expect(anna.of('NEW_MESSAGE').map(({ payload }) => payload)).toEqual([1, 2, 3]);
    expect(anna.of('TYPING').length).toBeGreaterThan(MAX_BYTES / 400);
    expect(anna.of('TYPING').length).toBeLessThan(MAX_BYTES / 200);
  });

  it('is shown who is online again, once there is room, when a change was dropped', async () => {
    const { connect, clock, hub } = startSlow({
      presence: { watchers: () => ['anna'], watched: () => ['bert'] },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    await stall(anna, () => hub.publishVolatile(['anna'], typing));
    await connect('bert');
    await beat(clock);
    expect(anna.of('PRESENCE')).toHaveLength(1);
    anna.transport.flush();
    await settle();
    await beat(clock);
    expect(anna.of('PRESENCE').at(-1)).toEqual({ type: 'PRESENCE', online: ['bert'] });
  });

  it('gets no heartbeat and no ping behind what waits: that is the sign of life', async () => {
    const { connect, clock, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(null);
    const count = await stall(anna, () => hub.publishVolatile(['anna'], typing));
    for (let n = 0; n < 3; n += 1) await beat(clock);
    expect(since(anna, count)).toEqual([]);
    anna.transport.flush();
    await settle();
    const flushed = anna.transport.log.length;
    await beat(clock);
    const types = since(anna, flushed).map((line) => (line === 'ping' ? line : JSON.parse(line).type));
    expect(types).toEqual(['ping', 'PRESENCE', 'HEARTBEAT']);
  });
});

describe('a socket that takes nothing of what waits', () => {
  it('is closed with 4408 within 75 s, although it pongs and sends (I15)', async () => {
    const { connect, clock, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(null);
    await stall(anna, () => hub.publishVolatile(['anna'], typing));
    for (let beats = 1; beats <= 4; beats += 1) {
      await beat(clock);
      await anna.say({ type: 'PING' });
      expect(anna.closeCode).toBeNull();
    }
    await beat(clock);
    expect(anna.closeCode).toBe(4408);
    expect(hub.connectionCount).toBe(0);
    // The session and its wheel are gone; what is left is the grace of presence.
    expect(clock.timerCount).toBe(1);
  });

  it('lets go of what waited when it is closed', async () => {
    const { connect, clock, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(null);
    const count = await stall(anna, () => hub.publishVolatile(['anna'], typing));
    for (let beats = 1; beats <= 5; beats += 1) await beat(clock);
    expect(since(anna, count)).toEqual(['close 4408 too slow']);
  });

  it('is kept for as long as it takes something now and then, however little', async () => {
    const { connect, clock, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(null);
    await stall(anna, () => hub.publishVolatile(['anna'], typing));
    for (let minutes = 0; minutes < 20; minutes += 1) {
      for (let beats = 0; beats < 4; beats += 1) await beat(clock);
      anna.transport.leave(1);
      hub.publishVolatile(['anna'], typing);
    }
    expect(anna.closeCode).toBeNull();
  });

  it('is given the time that a large frame takes: a second more for each 16 kB', async () => {
    const { connect, clock, hub } = startHub({ limits: { maxBufferedBytes: 8_000_000 } });
    const anna = await connect('anna');
    await anna.resume(null);
    anna.transport.stall();
    hub.publishBinary(['anna'], new Uint8Array(1_600_000));
    // 60 s, and 100 s more: the twelfth beat is the first after them.
    for (let beats = 1; beats <= 11; beats += 1) await beat(clock);
    expect(anna.closeCode).toBeNull();
    await beat(clock);
    expect(anna.closeCode).toBe(4408);
  });

  it('gets what was sent before, when it is closed for another reason', async () => {
    const { connect, hub } = startSlow();
    const anna = await connect('anna');
    await anna.resume(null);
    anna.transport.stall();
    for (let n = 0; n < 8; n += 1) hub.publishVolatile(['anna'], { ...typing, n });
    hub.disconnectUser('anna', 4000, 'bye');
    expect(anna.of('TYPING')).toHaveLength(8);
    expect(anna.transport.log.at(-1)).toBe('close 4000 bye');
  });
});

const MANY = 100_000;
/** How many frames may become one write. */
const MAX_JOINED = 1_024;
const tick = (count: number) => ({ type: 'TICK', count });

/** A client that reads no more, with many small frames that wait for it. */
const pileUp = async () => {
  const harness = startHub({ limits: { maxBufferedBytes: 64 * 1024 * 1024 } });
  const anna = await harness.connect('anna');
  await anna.resume(null);
  anna.transport.stall();
  for (let n = 0; n < MANY; n += 1) harness.hub.publishVolatile(['anna'], tick(n));
  await settle();
  return {
    ...harness,
    anna,
    /** From now on each look at the clock is later by a whole slice: nobody may hold the loop for two hand-overs. */
    beBusy() {
      let at = harness.clock.now();
      vi.spyOn(harness.clock, 'now').mockImplementation(() => {
        at += SLICE_MS;
        return at;
      });
    },
  };
};

describe('a hundred thousand small frames that wait for one socket', () => {
  it('come in order when it reads again, so many in a turn of the loop and no more', async () => {
    const { anna, beBusy } = await pileUp();
    beBusy();
    const { log } = anna.transport;
    anna.transport.flush();
    let before = log.length;
    let most = 0;
    for (let turns = 0; turns < 1_000 && log.length < MANY; turns += 1) {
      await settle();
      most = Math.max(most, log.length - before);
      before = log.length;
    }
    expect(anna.of('TICK').map(({ count }) => count)).toEqual(Array.from({ length: MANY }, (_, n) => n));
    expect(most).toBeLessThanOrEqual(2 * MAX_JOINED);
  });

  it('wait here and not in the transport, whose writes cost more than small frames hold', async () => {
    const { anna } = await pileUp();
    expect(anna.of('TICK').length).toBeLessThanOrEqual(128 + 1);
  });

  it('are counted with what they cost to keep', async () => {
    const { hub, connect } = startHub({ limits: { maxBufferedBytes: 100_000 } });
    const anna = await connect('anna');
    await anna.resume(null);
    anna.transport.stall();
    for (let n = 0; n < 10_000; n += 1) hub.publishVolatile(['anna'], tick(n));
    anna.transport.flush();
    await settle();
    // A string takes some 50 bytes more than it has letters.
    expect(anna.of('TICK').length).toBeLessThan(100_000 / (24 + 50));
    expect(anna.of('TICK').length).toBeGreaterThan(500);
  });

  it('are let go of when the peer goes, and what is sent to it then is not kept either', async () => {
    const { anna, hub, clock, codes } = await pileUp();
    const count = anna.transport.log.length;
    anna.transport.lose();
    await settle();
    hub.publishVolatile(['anna'], tick(0));
    await anna.resume(null);
    await settle();
    expect(since(anna, count)).toEqual([]);
    anna.cut();
    clock.passes(3_000);
    expect([hub.connectionCount, clock.timerCount, ...codes]).toEqual([0, 0]);
  });

  it('are let go of when the peer goes in the midst of a hand-over', async () => {
    const { anna, hub, beBusy } = await pileUp();
    beBusy();
    anna.transport.flush();
    await settle();
    expect(anna.transport.log.length).toBeLessThan(MANY / 2);
    anna.transport.lose();
    const count = anna.transport.log.length;
    for (let turns = 0; turns < 5; turns += 1) await settle();
    hub.disconnectUser('anna', 4000, 'bye');
    expect(since(anna, count)).toEqual(['close 4000 bye']);
    expect(hub.connectionCount).toBe(0);
  });
});
