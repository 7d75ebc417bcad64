import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createDialHold } from '../../src/actors/dial-hold.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

/** A browser may hold a handshake back because others have failed: Firefox does, for a minute at most. */

const MAX_DELAYS_MS = [400, 600, 900, 1_350, 2_025, 3_037.5, 4_556.25, 6_834.375];

const setUp = () => {
  const clock = createVirtualClock();
  const hold = createDialHold(clock);
  const fails = (times: number) => {
    for (let count = 0; count < times; count += 1) {
      hold.dialled().failed();
    }
  };
  return { clock, hold, fails };
};

describe('how long a browser may hold the next dial back', () => {
  it('grows with each failure as in Firefox, up to a minute', () => {
    const { hold, fails } = setUp();
    expect(hold.leftMs()).toBe(0);
    const seen = MAX_DELAYS_MS.map(() => {
      fails(1);
      return hold.leftMs();
    });
    expect(seen).toEqual(MAX_DELAYS_MS);
    fails(20);
    expect(hold.leftMs()).toBe(60_000);
  });

  it('is counted from the last failure, and a wait takes it off', () => {
    const { clock, hold, fails } = setUp();
    fails(8);
    clock.passes(5_000);
    expect(hold.leftMs()).toBeCloseTo(1_834.4, 0);
    clock.passes(5_000);
    expect(hold.leftMs()).toBe(0);
  });

  it('is nothing after a socket has opened, or after a minute without a failure', () => {
    const { clock, hold, fails } = setUp();
    fails(8);
    hold.dialled().opened();
    fails(1);
    expect(hold.leftMs()).toBe(400);
    fails(7);
    clock.passes(67_000);
    hold.leftMs();
    fails(1);
    expect(hold.leftMs()).toBe(400);
  });

  it('is learned from handshakes that take long: other tabs have failures too', () => {
    const { clock, hold, fails } = setUp();
    fails(1);
    const slow = hold.dialled();
    clock.passes(8_000);
    slow.failed();
    expect(hold.leftMs()).toBe(12_000);
    clock.passes(2_000);
    const slower = hold.dialled();
    clock.passes(10_000);
    slower.gaveUp();
    expect(hold.leftMs()).toBe(3_000);
  });

  it('is nothing where nothing has failed: a handshake that hangs is none that is held', () => {
    const { clock, hold } = setUp();
    const handshake = hold.dialled();
    clock.passes(10_000);
    handshake.gaveUp();
    expect(hold.leftMs()).toBe(0);
  });
});

describe('the connect deadline knows that the browser may wait', () => {
  const refusedTimes = (count: number) => {
    const scenario = createScenario({ backoff: () => 100 });
    const { connection, server, clock } = scenario;
    connection.connect({ userId: 'ada' });
    for (let times = 0; times < count; times += 1) {
      server.refuses();
      if (times < count - 1) clock.passes(100);
    }
    const codes = () => scenario.errors.map(({ code }) => code);
    return { ...scenario, codes };
  };

  it('a dial after six refusals has the 3 s more that Firefox may hold it', () => {
    const { connection, clock, codes } = refusedTimes(6);
    connection.retry();
    expect(connection.actor.getSnapshot().value).toEqual({ socket: 'held' });
    expect(connection.status).toBe('connecting');
    clock.passes(13_000);
    expect(connection.status).toBe('connecting');
    clock.passes(100);
    expect(connection.status).toBe('backoff');
    expect(codes().at(-1)).toBe('connect-timeout');
    expect(connection.getSnapshot().lastEnd?.cause).toBe('deadline');
  });

  it('and opens late, with no cut', () => {
    const { connection, clock, codes, server } = refusedTimes(6);
    connection.retry();
    clock.passes(12_500);
    server.accepts();
    expect(connection.status).toBe('open');
    expect(codes()).not.toContain('connect-timeout');
  });

  it('a first dial, and one after few refusals, have the 10 s of every attempt', () => {
    for (const count of [1, 2, 3]) {
      const { connection, clock } = refusedTimes(count);
      connection.retry();
      clock.passes(9_999);
      expect(connection.status).toBe('connecting');
      clock.passes(1);
      expect(connection.status).toBe('backoff');
    }
  });

  it('a handshake that we called back ourselves is no failure', () => {
    const { connection, server } = createScenario();
    for (let count = 0; count < 8; count += 1) connection.connect({ userId: `user ${count}` });
    expect(server.sockets.length).toBe(8);
    expect(connection.actor.getSnapshot().value).toEqual({ socket: 'connecting' });
  });

  it('a person who retries meanwhile has a dial of their own, and the old one ends first (I1)', () => {
    const { connection, server } = refusedTimes(6);
    connection.retry();
    const before = server.sockets.length;
    connection.retry();
    expect(server.sockets.length).toBe(before + 1);
    expect(server.live.length).toBe(1);
  });
});
