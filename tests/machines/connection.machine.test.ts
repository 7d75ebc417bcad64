import {
  type ConnectionSettings,
  connectionMachine,
  failureOf,
  type LinkFault,
  statusOf,
} from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { exponentialBackoff, linearBackoff } from '../../src/lib/backoff.ts';

const coverage = createChartCoverage(connectionMachine);

/** A chart without any socket, told by the test what happens. */
const startChart = (settings: Partial<ConnectionSettings> = {}) => {
  const clock = new SimulatedClock();
  const actor = createActor(connectionMachine, {
    input: { backoff: linearBackoff(), ...settings },
    clock,
    inspect: coverage.observe,
  }).start();
  let now = 0;
  let dialCount = 0;
  const dialledAt: number[] = [];
  const chart = {
    actor,
    connects: (userId = 'ada') => actor.send({ type: 'user.connect', userId }),
    disconnects: () => actor.send({ type: 'user.disconnect' }),
    logsOut: () => actor.send({ type: 'user.logout' }),
    retries: () => actor.send({ type: 'user.retry' }),
    isHeld: (upToMs: number) => actor.send({ type: 'dial.held', upToMs }),
    opens: () => actor.send({ type: 'socket.opened' }),
    closes: (code: number, wasClean = code !== 1006) =>
      actor.send({ type: 'socket.closed', code, wasClean, reason: '' }),
    fails: (cause: 'token' | 'url') => actor.send({ type: 'attempt.failed', cause }),
    misses: () => actor.send({ type: 'token.missing' }),
    fires: (type: 'network.lost' | 'network.restored' | 'page.shown' | 'page.suspended' | 'page.resumed') =>
      actor.send({ type }),
    isWatched: (canAsk: boolean) => actor.send({ type: 'heartbeat.armed', canAsk }),
    isSilent: () => actor.send({ type: 'frame.silent' }),
    isHeard: () => actor.send({ type: 'frame.heard' }),
    doesNotAnswer: () => actor.send({ type: 'probe.unanswered' }),
    isStuck: () => actor.send({ type: 'socket.stuck' }),
    linkBreaks: (why: LinkFault) => actor.send({ type: 'link.broken', why }),
    cannotDial: () => actor.send({ type: 'socket.impossible' }),
    /** Passes time in steps of 100 ms, so that timers set by timers are on time. */
    passes: (ms: number) => {
      for (let left = ms; left > 0; left -= 100) {
        const step = Math.min(100, left);
        now += step;
        clock.increment(step);
      }
    },
    get status() {
      return statusOf(actor.getSnapshot());
    },
    get failure() {
      return failureOf(actor.getSnapshot());
    },
    get state() {
      return actor.getSnapshot().value;
    },
    get context() {
      return actor.getSnapshot().context;
    },
    get hasSocket() {
      return actor.getSnapshot().children.socket !== undefined;
    },
    get dialCount() {
      return dialCount;
    },
    dialledAt,
  };
  let socket: unknown;
  actor.subscribe((snapshot) => {
    if (snapshot.children.socket !== undefined && snapshot.children.socket !== socket) {
      dialCount += 1;
      dialledAt.push(now);
    }
    socket = snapshot.children.socket;
  });
  return chart;
};

const openChart = (settings: Partial<ConnectionSettings> = {}) => {
  const chart = startChart(settings);
  chart.connects();
  chart.opens();
  return chart;
};

const stableChart = (settings: Partial<ConnectionSettings> = {}) => {
  const chart = openChart(settings);
  chart.passes(5_000);
  return chart;
};

describe('a connection is wanted', () => {
  it('is idle until somebody connects', () => {
    const chart = startChart();
    expect(chart.status).toBe('idle');
    expect(chart.hasSocket).toBe(false);
  });

  it('connects, opens and becomes stable', () => {
    const chart = startChart();
    chart.connects();
    expect(chart.status).toBe('connecting');
    expect(chart.hasSocket).toBe(true);
    chart.opens();
    expect(chart.status).toBe('open');
    expect(chart.state).toEqual({ socket: { open: { stability: 'settling', liveness: 'unwatched' } } });
    chart.passes(5_000);
    expect(chart.state).toEqual({ socket: { open: { stability: 'stable', liveness: 'unwatched' } } });
  });

  it('ignores a second connect of the same user', () => {
    const chart = openChart();
    chart.connects('ada');
    expect(chart.status).toBe('open');
    expect(chart.dialCount).toBe(1);
  });

  it('dials again for another user, with a count and an end of its own', () => {
    const chart = startChart();
    chart.connects('ada');
    chart.closes(1006);
    chart.passes(100);
    expect(chart.context.retryCount).toBe(1);
    chart.connects('ben');
    expect(chart.status).toBe('connecting');
    expect(chart.context).toMatchObject({ userId: 'ben', retryCount: 0, lastEnd: null });
  });

  it('goes back to idle without a token, and forgets the user', () => {
    const chart = startChart();
    chart.connects();
    chart.misses();
    expect(chart.status).toBe('idle');
    expect(chart.hasSocket).toBe(false);
    expect(chart.context.userId).toBeNull();
  });

  it('fails as misconfigured when no socket can be made', () => {
    const chart = startChart();
    chart.connects();
    chart.cannotDial();
    expect(chart.status).toBe('failed');
    expect(chart.failure).toBe('misconfigured');
    expect(chart.context.lastEnd?.cause).toBe('impossible');
  });
});

describe('a connection is not wanted any more', () => {
  it('goes from open to idle on disconnect and stays there', () => {
    const chart = openChart();
    chart.disconnects();
    expect(chart.status).toBe('idle');
    expect(chart.hasSocket).toBe(false);
    chart.passes(300_000);
    expect(chart.dialCount).toBe(1);
  });

  it('never reconnects after logout: not by time, a late close or a retry', () => {
    const chart = openChart();
    chart.logsOut();
    chart.closes(1006);
    chart.retries();
    chart.passes(300_000);
    expect(chart.status).toBe('loggedOut');
    expect(chart.dialCount).toBe(1);
    expect(chart.context.retryCount).toBe(0);
  });

  it('stays logged out when a late disconnect comes, and leaves by connect only', () => {
    const chart = openChart();
    chart.logsOut();
    chart.disconnects();
    expect(chart.status).toBe('loggedOut');
    chart.connects();
    expect(chart.status).toBe('connecting');
  });

  it('ends a backoff on logout', () => {
    const chart = startChart();
    chart.connects();
    chart.closes(1006);
    chart.logsOut();
    chart.passes(300_000);
    expect(chart.status).toBe('loggedOut');
    expect(chart.dialCount).toBe(1);
  });
});

describe('a socket is lost', () => {
  it('I1 leaves the socket before anything else is dialled', () => {
    const chart = stableChart();
    chart.closes(1006);
    expect(chart.status).toBe('backoff');
    expect(chart.hasSocket).toBe(false);
  });

  it('dials at once after a clean close of a stable socket, and does not count it', () => {
    const chart = stableChart();
    chart.closes(1000);
    expect(chart.status).toBe('connecting');
    expect(chart.context.retryCount).toBe(0);
    expect(chart.context.lastEnd).toEqual({ cause: 'closed', code: 1000, reason: '', wasClean: true });
  });

  it('goes to backoff after a clean close before stable', () => {
    const chart = openChart();
    chart.closes(1000);
    expect(chart.status).toBe('backoff');
  });

  it('dials at once after a clean close right after open where stableAfterMs is 0', () => {
    const chart = openChart({ stableAfterMs: 0 });
    expect(chart.state).toEqual({ socket: { open: { stability: 'stable', liveness: 'unwatched' } } });
    chart.closes(1000);
    expect(chart.status).toBe('connecting');
  });

  it('fails after a clean close when no retry is allowed at all', () => {
    const chart = stableChart({ maxRetries: 0 });
    chart.closes(1000);
    expect(chart.failure).toBe('exhausted');
  });

  it.each([4400, 4403, 4409])('is rejected when the server closes with %i', (code) => {
    const chart = stableChart();
    chart.closes(code);
    expect(chart.failure).toBe('rejected');
    chart.passes(300_000);
    expect(chart.dialCount).toBe(1);
  });

  it.each([4401, 1008])(
    'asks for a fresh token at once on %i, not counted, and is rejected when that is refused too',
    (code) => {
      const chart = stableChart();
      chart.closes(code);
      expect(chart.status).toBe('connecting');
      expect(chart.context).toMatchObject({ tokenReason: 'refresh', retryCount: 0 });
      chart.opens();
      chart.closes(code);
      expect(chart.failure).toBe('rejected');
    },
  );

  it('asks with freshness per attempt: a later refusal gets a fresh token again', () => {
    const chart = stableChart();
    chart.closes(4401);
    chart.opens();
    chart.passes(5_000);
    expect(chart.context.tokenReason).toBe('connect');
    chart.closes(1000);
    expect(chart.context.tokenReason).toBe('connect');
    chart.closes(4401);
    expect(chart.status).toBe('connecting');
    expect(chart.context.tokenReason).toBe('refresh');
  });

  it('has no memory of how the token was got once the connection is stable: it expires again and again', () => {
    const chart = stableChart();
    for (let day = 0; day < 3; day += 1) {
      chart.closes(4401);
      expect([chart.status, chart.context.tokenReason]).toEqual(['connecting', 'refresh']);
      chart.opens();
      chart.passes(5_000);
    }
    chart.closes(4401);
    expect(chart.status).toBe('connecting');
    chart.opens();
    chart.passes(4_999);
    chart.closes(4401);
    expect(chart.failure).toBe('rejected');
  });

  it('is rejected when a fresh token is missing', () => {
    const chart = openChart();
    chart.closes(4401);
    chart.misses();
    expect(chart.failure).toBe('rejected');
  });

  it('goes to backoff after a clean close with a code that promises nothing', () => {
    const chart = stableChart();
    chart.closes(3000, true);
    expect(chart.status).toBe('backoff');
  });

  it.each([1001, 1012])(
    'spreads the redial after %i where the policy has a spread, and does not count it',
    (code) => {
      const chart = stableChart({ backoff: exponentialBackoff({ spreadMs: 2_000 }), random: () => 0.5 });
      chart.closes(code);
      expect(chart.state).toEqual({ backoff: 'spreading' });
      chart.passes(1_000);
      expect(chart.status).toBe('connecting');
      expect(chart.context.retryCount).toBe(0);
    },
  );

  it.each([
    [1013, 10_000],
    [4429, 30_000],
  ])('waits after %i at least as long as the server advises', (code, adviceMs) => {
    const chart = stableChart({ backoff: () => 0 });
    chart.closes(code);
    expect(chart.context.plannedWait.delayMs).toBe(adviceMs);
  });

  it('lets classifyClose speak first, once a close', () => {
    let asked = 0;
    const chart = stableChart({
      classifyClose: ({ code }) => {
        asked += 1;
        return code === 4999 ? { then: 'reject' } : undefined;
      },
    });
    chart.closes(1000);
    expect(chart.status).toBe('connecting');
    chart.closes(4999);
    expect(chart.failure).toBe('rejected');
    expect(asked).toBe(2);
  });

  it('refreshes after the advised wait where classifyClose wants both', () => {
    const chart = stableChart({
      backoff: () => 0,
      classifyClose: () => ({ then: 'refresh', minDelayMs: 7_000 }),
    });
    chart.closes(4000);
    expect(chart.context.plannedWait.delayMs).toBe(7_000);
    chart.passes(7_000);
    expect(chart.context.tokenReason).toBe('refresh');
  });

  it('doubts the token at the second close before open, and asks for a fresh one at the next scheduled attempt', () => {
    const chart = startChart({ backoff: () => 1_000 });
    chart.connects();
    const reasons: string[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      reasons.push(chart.context.tokenReason);
      chart.closes(1006);
      chart.passes(1_000);
    }
    expect(reasons).toEqual(['connect', 'connect', 'refresh', 'connect', 'refresh']);
    expect(chart.context.retryCount).toBe(5);
  });

  it('doubts the token half as much while offline: a fresh one in the third minute, and none in a short tunnel', () => {
    const chart = startChart();
    chart.connects();
    chart.fires('network.lost');
    const reasons: string[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      reasons.push(chart.context.tokenReason);
      chart.closes(1006);
      chart.passes(30_000);
    }
    expect(reasons).toEqual(['connect', 'connect', 'connect', 'connect', 'refresh', 'connect']);
  });

  it.each(['a person', 'a page that is shown', 'a network that is back', 'a person who was throttled'])(
    'asks for a fresh token where the token is in doubt and %s dials',
    (who) => {
      const chart = startChart({ backoff: () => 1_000 });
      chart.connects();
      chart.closes(1006);
      chart.passes(1_000);
      chart.closes(1006);
      expect(chart.context.doubtCount).toBe(2);
      if (who === 'a page that is shown') chart.fires('page.shown');
      else if (who === 'a network that is back') chart.fires('network.restored');
      else chart.retries();
      if (who === 'a person who was throttled') {
        for (let index = 0; index < 12; index += 1) {
          chart.closes(1006);
          chart.closes(1006);
          chart.retries();
        }
        expect(chart.state).toEqual({ backoff: 'throttled' });
        chart.passes(70_000);
      }
      expect([chart.status, chart.context.tokenReason]).toEqual(['connecting', 'refresh']);
      expect(chart.context.doubtCount).toBe(0);
    },
  );

  it('asks for a fresh token again where it could not be had, and not where the URL could not', () => {
    const chart = stableChart({ backoff: () => 1_000 });
    chart.closes(4401);
    for (const cause of ['token', 'token', 'url'] as const) {
      expect(chart.context.tokenReason).toBe('refresh');
      chart.fails(cause);
      chart.passes(1_000);
    }
    expect(chart.context.tokenReason).toBe('connect');
  });

  it('gives up an attempt at the connect deadline', () => {
    const chart = startChart({ backoff: () => 60_000 });
    chart.connects();
    chart.passes(9_900);
    expect(chart.status).toBe('connecting');
    chart.passes(100);
    expect(chart.status).toBe('backoff');
    expect(chart.context.lastEnd).toEqual({ cause: 'deadline', code: null, reason: null, wasClean: null });
  });

  describe('a dial that the browser may hold back', () => {
    it('has as much longer until its deadline', () => {
      const chart = startChart({ backoff: () => 60_000 });
      chart.connects();
      chart.isHeld(20_000);
      expect([chart.status, chart.hasSocket, chart.dialCount]).toEqual(['connecting', true, 1]);
      chart.passes(29_900);
      expect(chart.status).toBe('connecting');
      chart.passes(100);
      expect(chart.status).toBe('backoff');
      expect(chart.context.lastEnd?.cause).toBe('deadline');
    });

    it.each([
      [Number.POSITIVE_INFINITY, 70_000],
      [Number.NaN, 10_000],
      [-1, 10_000],
    ])('of %d ms ends by itself all the same, after %d ms (I11)', (upToMs, endMs) => {
      const chart = startChart({ backoff: () => 600_000 });
      chart.connects();
      chart.isHeld(upToMs);
      chart.passes(endMs - 100);
      expect(chart.status).toBe('connecting');
      chart.passes(100);
      expect(chart.status).toBe('backoff');
    });

    it('opens and is refused as any other', () => {
      const chart = startChart();
      chart.connects();
      chart.isHeld(5_000);
      chart.closes(1006);
      expect([chart.status, chart.context.doubtCount]).toEqual(['backoff', 1]);
      chart.retries();
      chart.isHeld(5_000);
      chart.opens();
      expect(chart.status).toBe('open');
    });

    it('does not keep a person waiting', () => {
      const chart = startChart();
      chart.connects();
      chart.isHeld(30_000);
      chart.retries();
      expect([chart.status, chart.dialCount]).toEqual(['connecting', 2]);
      expect(chart.state).toEqual({ socket: 'connecting' });
    });
  });

  it.each(['token', 'url'] as const)('counts a failed %s as a lost attempt', (cause) => {
    const chart = startChart();
    chart.connects();
    chart.fails(cause);
    expect(chart.status).toBe('backoff');
    expect(chart.context.lastEnd?.cause).toBe(cause);
  });

  it('I9 sets the count to 0 when stable and not on open', () => {
    const chart = startChart();
    chart.connects();
    chart.closes(1006);
    chart.passes(100);
    chart.opens();
    expect(chart.context.retryCount).toBe(1);
    chart.passes(5_000);
    expect(chart.context.retryCount).toBe(0);
  });
});

describe('the platform calls itself offline', () => {
  const offlineChart = (settings: Partial<ConnectionSettings> = {}) => {
    const chart = startChart({ backoff: () => 1_000, ...settings });
    chart.fires('network.lost');
    chart.connects();
    chart.closes(1006);
    return chart;
  };

  it('leaves an open socket alone: it is a hint', () => {
    const chart = stableChart();
    chart.fires('network.lost');
    expect(chart.status).toBe('open');
  });

  it('is disproved by a socket that opens: what is lost after it comes back as online', () => {
    const chart = offlineChart();
    chart.passes(30_000);
    chart.opens();
    expect(chart.context.online).toBe(true);
    chart.passes(5_000);
    chart.closes(1006);
    expect(chart.state).toEqual({ backoff: 'waiting' });
    chart.passes(1_000);
    expect(chart.status).toBe('connecting');
    chart.closes(1006);
    expect(chart.state).toEqual({ backoff: 'waiting' });
  });

  it('is tried first where a socket was open, and believed once that has failed', () => {
    const chart = stableChart({ backoff: () => 1_000 });
    chart.fires('network.lost');
    chart.closes(1006);
    expect(chart.state).toEqual({ backoff: 'waiting' });
    chart.passes(1_000);
    expect(chart.dialCount).toBe(2);
    chart.closes(1006);
    expect(chart.state).toEqual({ backoff: 'offline' });
    chart.passes(29_900);
    expect(chart.dialCount).toBe(2);
    chart.passes(100);
    expect(chart.dialCount).toBe(3);
    expect(chart.context.retryCount).toBe(1);
  });

  it('is disproved by a clean close, which takes a frame of the server', () => {
    const chart = stableChart();
    chart.fires('network.lost');
    chart.closes(1009);
    expect(chart.context.online).toBe(true);
    const cut = stableChart();
    cut.fires('network.lost');
    cut.closes(1006);
    expect(cut.context.online).toBe(false);
  });

  it('is waited out where no retry is left, and is no reason to fail', () => {
    const chart = stableChart({ maxRetries: 0 });
    chart.fires('network.lost');
    chart.closes(1006);
    expect(chart.state).toEqual({ backoff: 'offline' });
  });

  it('waits for the network and dials when it is back, uncounted', () => {
    const chart = offlineChart();
    expect(chart.state).toEqual({ backoff: 'offline' });
    chart.passes(29_000);
    expect(chart.dialCount).toBe(1);
    chart.fires('network.restored');
    expect(chart.status).toBe('connecting');
    expect(chart.context.retryCount).toBe(0);
  });

  it('tries all the same every 30 s, uncounted, and never gives up for it', () => {
    const chart = offlineChart({ maxRetries: 1 });
    for (let probe = 1; probe <= 4; probe += 1) {
      chart.passes(30_000);
      expect(chart.status).toBe('connecting');
      chart.closes(1006);
      expect(chart.state).toEqual({ backoff: 'offline' });
    }
    expect(chart.context.retryCount).toBe(0);
  });

  it('dials for a person', () => {
    const chart = offlineChart();
    chart.retries();
    expect(chart.status).toBe('connecting');
  });

  it('does not shorten an advised wait when the network is back', () => {
    const chart = stableChart({ backoff: () => 0 });
    chart.fires('network.lost');
    chart.closes(4429, false);
    chart.fires('network.restored');
    expect(chart.state).toEqual({ backoff: 'advised' });
    expect(chart.context.plannedWait.delayMs).toBe(30_000);
  });

  it('counts no further than the last retry when an advised wait follows it', () => {
    const chart = startChart({ backoff: () => 1_000, maxRetries: 1 });
    chart.connects();
    chart.closes(1006);
    chart.passes(1_000);
    chart.fires('network.lost');
    chart.closes(1013, false);
    chart.fires('network.restored');
    chart.passes(10_000);
    expect(chart.status).toBe('connecting');
    expect(chart.context.retryCount).toBe(1);
    chart.closes(1006);
    expect(chart.failure).toBe('exhausted');
  });

  it('dials from a scheduled wait when the network is back, unless advised', () => {
    const chart = openChart({ backoff: () => 60_000 });
    chart.closes(1006);
    chart.fires('network.restored');
    expect(chart.status).toBe('connecting');
    chart.closes(1013);
    chart.fires('network.restored');
    expect(chart.state).toEqual({ backoff: 'advised' });
  });
});

describe('the page comes and goes', () => {
  it('dials from a scheduled wait when it is shown, uncounted, unless advised', () => {
    const chart = openChart({ backoff: () => 60_000 });
    chart.closes(1006);
    chart.fires('page.shown');
    expect(chart.status).toBe('connecting');
    expect(chart.context.retryCount).toBe(0);
    chart.closes(1013);
    chart.fires('page.shown');
    expect(chart.state).toEqual({ backoff: 'advised' });
    chart.retries();
    expect(chart.status).toBe('connecting');
  });

  it.each(['page.resumed', 'page.shown'] as const)(
    'ends the socket when suspended, and dials on %s with the count at 0 (I9)',
    (back) => {
      const chart = startChart({ backoff: () => 0 });
      chart.connects();
      chart.closes(1006);
      chart.passes(100);
      expect(chart.context.retryCount).toBe(1);
      chart.fires('page.suspended');
      expect(chart.state).toEqual({ backoff: 'suspended' });
      expect(chart.hasSocket).toBe(false);
      expect(chart.context.lastEnd?.cause).toBe('suspended');
      chart.fires('page.suspended');
      chart.fires(back);
      expect(chart.status).toBe('connecting');
      expect(chart.context.retryCount).toBe(0);
    },
  );

  it('dials after 30 s of running timers, when no resume is ever told', () => {
    const chart = openChart();
    chart.fires('page.suspended');
    chart.passes(30_000);
    expect(chart.status).toBe('connecting');
  });

  it('suspends a backoff too, and a person may end it', () => {
    const chart = openChart({ backoff: () => 60_000 });
    chart.closes(1006);
    chart.fires('page.suspended');
    expect(chart.state).toEqual({ backoff: 'suspended' });
    chart.retries();
    expect(chart.status).toBe('connecting');
  });

  it.each(['page.resumed', 'page.shown'] as const)(
    'keeps an advised wait over a suspension that ends with %s',
    (back) => {
      const chart = openChart({ backoff: () => 0 });
      chart.closes(4429);
      chart.fires('page.suspended');
      chart.fires(back);
      expect(chart.state).toEqual({ backoff: 'advised' });
      expect(chart.context.plannedWait.delayMs).toBe(30_000);
    },
  );

  it.each(['page.resumed', 'page.shown'] as const)(
    'I11 ends an advised wait in time, however often the page is suspended and %s comes after it',
    (back) => {
      const chart = openChart({ backoff: () => 0 });
      chart.closes(4429);
      for (let second = 0; second < 29; second += 1) {
        chart.passes(1_000);
        chart.fires('page.suspended');
        chart.fires(back);
      }
      chart.passes(900);
      expect(chart.dialCount).toBe(1);
      chart.passes(100);
      expect(chart.dialCount).toBe(2);
    },
  );

  it('I11 probes a network that is offline in time, however often the page is suspended meanwhile', () => {
    const chart = openChart();
    chart.fires('network.lost');
    chart.closes(4429, false);
    expect(chart.state).toEqual({ backoff: 'advised' });
    for (let second = 0; second < 30; second += 1) {
      chart.fires('page.suspended');
      chart.fires('page.shown');
      chart.passes(1_000);
    }
    expect(chart.dialCount).toBe(2);
    expect(chart.state).toEqual({ socket: 'connecting' });
  });

  it('forgets the advice once a person has dialled in spite of it, also where that is throttled', () => {
    const chart = startChart();
    for (let index = 0; index < 10; index += 1) chart.connects(`user ${index}`);
    chart.closes(4429);
    chart.retries();
    expect(chart.state).toEqual({ backoff: 'throttled' });
    chart.fires('page.suspended');
    chart.fires('page.shown');
    expect(chart.state).toEqual({ backoff: 'throttled' });
  });

  it('does not connect for a page that is shown without a user', () => {
    const chart = startChart();
    chart.fires('page.shown');
    chart.fires('page.suspended');
    chart.fires('page.resumed');
    expect(chart.status).toBe('idle');
  });
});

describe('a server falls silent', () => {
  it('means nothing while it is unwatched', () => {
    const chart = stableChart();
    chart.isSilent();
    chart.doesNotAnswer();
    expect(chart.status).toBe('open');
  });

  it('is asked where it can be, and goes on when it is heard', () => {
    const chart = stableChart();
    chart.isWatched(true);
    chart.isSilent();
    expect(chart.state).toEqual({
      socket: { open: { stability: 'stable', liveness: { watched: 'probing' } } },
    });
    chart.isHeard();
    expect(chart.state).toEqual({
      socket: { open: { stability: 'stable', liveness: { watched: 'alive' } } },
    });
  });

  it('is left at once when it does not answer and was stable, without waiting for its close', () => {
    const chart = stableChart();
    chart.isWatched(true);
    chart.isSilent();
    chart.doesNotAnswer();
    expect(chart.status).toBe('connecting');
    expect(chart.dialCount).toBe(2);
    expect(chart.context.lastEnd).toEqual({ cause: 'silent', code: null, reason: null, wasClean: null });
  });

  it.each([true, false])(
    'is not dialled at once while the platform calls itself offline (can be asked: %s)',
    (canAsk) => {
      const chart = stableChart({ backoff: () => 1_000 });
      chart.isWatched(canAsk);
      chart.fires('network.lost');
      if (canAsk) chart.doesNotAnswer();
      else chart.isSilent();
      expect(chart.state).toEqual({ backoff: 'waiting' });
      expect(chart.dialCount).toBe(1);
      chart.fires('network.restored');
      expect(chart.dialCount).toBe(2);
      expect(chart.context.retryCount).toBe(0);
    },
  );

  /** Opens, is stable, is asked and does not answer. */
  const isMute = (chart: ReturnType<typeof startChart>) => {
    chart.opens();
    chart.isWatched(true);
    chart.passes(15_000);
    chart.isSilent();
    chart.doesNotAnswer();
  };

  it('that never answers on the second socket in a row is waited for, and it counts until it gives up', () => {
    const chart = startChart({ backoff: () => 1_000, maxRetries: 3 });
    chart.connects();
    isMute(chart);
    expect([chart.status, chart.context.retryCount]).toEqual(['connecting', 0]);
    for (let retry = 1; retry <= 3; retry += 1) {
      isMute(chart);
      expect(chart.state).toEqual({ backoff: 'waiting' });
      chart.passes(1_000);
      expect([chart.status, chart.context.retryCount]).toEqual(['connecting', retry]);
    }
    isMute(chart);
    expect(chart.failure).toBe('exhausted');
    chart.retries();
    isMute(chart);
    expect([chart.status, chart.context.retryCount]).toEqual(['connecting', 0]);
  });

  it('that has answered before is replaced at once, however often it dies', () => {
    const chart = startChart();
    chart.connects();
    for (let death = 1; death <= 3; death += 1) {
      chart.opens();
      chart.isWatched(true);
      chart.passes(5_000);
      chart.isSilent();
      chart.isHeard();
      chart.isSilent();
      chart.doesNotAnswer();
      expect([chart.status, chart.context]).toMatchObject(['connecting', { retryCount: 0, muteCount: 0 }]);
    }
  });

  it.each([true, false])('that answers at last ends the count (stable: %s)', (stable) => {
    const chart = startChart({ backoff: () => 1_000 });
    chart.connects();
    isMute(chart);
    isMute(chart);
    chart.passes(1_000);
    chart.opens();
    chart.isWatched(true);
    if (stable) chart.passes(5_000);
    expect(chart.context.retryCount).toBe(1);
    chart.isSilent();
    chart.isHeard();
    if (!stable) chart.passes(5_000);
    expect(chart.context).toMatchObject({ retryCount: 0, muteCount: 0 });
  });

  it('that closes is not mute: the next socket that dies is replaced at once', () => {
    const chart = startChart({ backoff: () => 1_000 });
    chart.connects();
    isMute(chart);
    chart.closes(1006);
    expect(chart.context.muteCount).toBe(0);
    chart.passes(1_000);
    isMute(chart);
    expect(chart.status).toBe('connecting');
  });

  it('is left for backoff when it does not answer and was not stable', () => {
    const chart = openChart();
    chart.isWatched(true);
    chart.isSilent();
    chart.doesNotAnswer();
    expect(chart.status).toBe('backoff');
  });

  it.each([true, false])('is left at its silence where it cannot be asked (stable: %s)', (stable) => {
    const chart = stable ? stableChart() : openChart();
    chart.isWatched(false);
    chart.isSilent();
    expect(chart.status).toBe(stable ? 'connecting' : 'backoff');
  });

  it.each(['page.shown', 'page.resumed', 'network.restored', 'network.lost'] as const)(
    'is asked on %s where it can be, and left alone where not',
    (signal) => {
      const asked = stableChart();
      asked.isWatched(true);
      asked.fires(signal);
      expect(asked.state).toEqual({
        socket: { open: { stability: 'stable', liveness: { watched: 'probing' } } },
      });
      expect(asked.context.online).toBe(signal !== 'network.lost');
      const left = stableChart();
      left.isWatched(false);
      left.fires(signal);
      expect(left.state).toEqual({
        socket: { open: { stability: 'stable', liveness: { watched: 'alive' } } },
      });
      expect(left.context.online).toBe(signal !== 'network.lost');
    },
  );

  it('is watched for sleep as long as its silence means something, also while it is asked', () => {
    const chart = stableChart();
    expect(chart.actor.getSnapshot().children.wake).toBeUndefined();
    chart.isWatched(true);
    const { wake } = chart.actor.getSnapshot().children;
    expect(wake).toBeDefined();
    chart.isSilent();
    chart.fires('page.shown');
    expect(chart.state).toEqual({
      socket: { open: { stability: 'stable', liveness: { watched: 'probing' } } },
    });
    chart.isHeard();
    expect(chart.actor.getSnapshot().children.wake).toBe(wake);
    chart.disconnects();
    expect(chart.actor.getSnapshot().children.wake).toBeUndefined();
  });
});

describe('a close that begins and does not end', () => {
  it('I11 is not waited for: backoff, of a stable socket too, since somebody wanted it closed', () => {
    const chart = stableChart();
    chart.isStuck();
    expect([chart.status, chart.hasSocket]).toEqual(['backoff', false]);
    expect(chart.context.lastEnd).toEqual({ cause: 'stuck', code: null, reason: null, wasClean: null });
  });

  it('doubts the token, as its code may be that of a refused one: the second in a row asks for a fresh one', () => {
    const chart = startChart({ backoff: () => 1_000 });
    chart.connects();
    for (let socket = 1; socket <= 2; socket += 1) {
      chart.opens();
      chart.isStuck();
      chart.passes(1_000);
    }
    expect([chart.status, chart.context.tokenReason]).toEqual(['connecting', 'refresh']);
  });

  it('I1 is no fact of a socket that is not open', () => {
    const chart = startChart();
    chart.connects();
    chart.isStuck();
    expect(chart.status).toBe('connecting');
  });
});

describe('the delivery extension cannot go on', () => {
  const faults = [
    ['unanswered', 'silent'],
    ['late-welcome', 'protocol'],
  ] as const;

  it.each(faults)('over a stable socket (%s): it is dialled again at once', (why, cause) => {
    const chart = stableChart();
    chart.linkBreaks(why);
    expect(chart.status).toBe('connecting');
    expect(chart.context.lastEnd).toEqual({ cause, code: null, reason: null, wasClean: null });
  });

  it.each(faults)('over a socket that is not stable yet (%s): backoff, and it counts', (why, cause) => {
    const chart = startChart({ backoff: () => 1_000 });
    chart.connects();
    chart.opens();
    chart.linkBreaks(why);
    expect(chart.status).toBe('backoff');
    expect(chart.context.lastEnd?.cause).toBe(cause);
    chart.passes(1_000);
    expect([chart.status, chart.context.retryCount]).toEqual(['connecting', 1]);
  });

  it('I11 with a server of another version: failed, since dialling again is useless', () => {
    const chart = stableChart();
    chart.linkBreaks('version');
    expect([chart.status, chart.failure]).toEqual(['failed', 'misconfigured']);
    expect(chart.hasSocket).toBe(false);
  });

  it('I1 of a socket that is not open: nobody says that', () => {
    const chart = startChart();
    chart.connects();
    chart.linkBreaks('unanswered');
    expect(chart.status).toBe('connecting');
    chart.closes(1006);
    chart.linkBreaks('version');
    expect(chart.status).toBe('backoff');
  });
});

describe('a person retries', () => {
  it('dials now in backoff, and the count stays', () => {
    const chart = startChart({ backoff: () => 60_000 });
    chart.connects();
    chart.closes(1006);
    chart.retries();
    expect(chart.status).toBe('connecting');
    expect(chart.context.retryCount).toBe(0);
  });

  it('does nothing while connecting, open or idle', () => {
    const chart = startChart();
    chart.retries();
    expect(chart.status).toBe('idle');
    chart.connects();
    chart.retries();
    chart.opens();
    chart.retries();
    expect(chart.status).toBe('open');
    expect(chart.dialCount).toBe(1);
  });

  it.each(['retry', 'connect of the same user', 'connect of another user'])(
    'knows after %s what is known of the token: one that was rejected must be fresh, unless the user is another',
    (wish) => {
      const chart = stableChart();
      chart.closes(4403);
      expect(chart.failure).toBe('rejected');
      if (wish === 'retry') chart.retries();
      else chart.connects(wish.includes('another') ? 'ben' : 'ada');
      expect(chart.context.tokenReason).toBe(wish.includes('another') ? 'connect' : 'refresh');
    },
  );

  it('asks for a fresh token after failed too where the token is in doubt: without retries only people try', () => {
    const chart = startChart({ maxRetries: 0 });
    chart.connects();
    const reasons: string[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      reasons.push(chart.context.tokenReason);
      chart.closes(1006);
      expect(chart.failure).toBe('exhausted');
      chart.retries();
    }
    expect(reasons).toEqual(['connect', 'connect', 'refresh', 'connect', 'refresh']);
  });

  it.each(['retry', 'connect of the same user'])('starts afresh from failed by %s', (wish) => {
    const chart = startChart({ maxRetries: 1 });
    chart.connects();
    chart.closes(1006);
    chart.passes(100);
    chart.closes(1006);
    expect(chart.failure).toBe('exhausted');
    if (wish === 'retry') chart.retries();
    else chart.connects('ada');
    expect(chart.status).toBe('connecting');
    expect(chart.context).toMatchObject({ retryCount: 0, userId: 'ada' });
  });
});

describe('the retry schedule', () => {
  it('is that of RednGift: 0, 10, 20 … 190 s, then failed after 20', () => {
    const chart = startChart();
    chart.connects();
    chart.closes(1006);
    const waits: number[] = [];
    while (chart.status === 'backoff') {
      const before = chart.dialCount;
      waits.push(chart.context.plannedWait.delayMs);
      chart.passes(chart.context.plannedWait.delayMs || 1);
      expect(chart.dialCount).toBe(before + 1);
      chart.closes(1006);
    }
    expect(waits).toEqual(Array.from({ length: 20 }, (_, index) => index * 10_000));
    expect(chart.dialCount).toBe(21);
    expect(chart.failure).toBe('exhausted');
    expect(chart.context.retryCount).toBe(20);
  });

  it('takes 31 min 40 s in all, as the sum of its waits', () => {
    const policy = linearBackoff();
    const total = Array.from({ length: 20 }, (_, index) => policy(index + 1, Math.random)).reduce(
      (a, b) => a + b,
    );
    expect(total).toBe((31 * 60 + 40) * 1_000);
  });

  it('is quick seven times and then patient by default', () => {
    const chart = startChart({ backoff: exponentialBackoff(), random: () => 0.5 });
    chart.connects();
    const waits: number[] = [];
    for (let retry = 1; retry <= 8; retry += 1) {
      chart.closes(1006);
      waits.push(chart.context.plannedWait.delayMs);
      chart.passes(Math.ceil(chart.context.plannedWait.delayMs));
    }
    expect(waits.map(Math.round)).toEqual([675, 911, 1_230, 1_661, 2_242, 3_027, 4_086, 15_000]);
  });
});

describe('the connect budget', () => {
  it('I8 lets 10 sockets be dialled within 60 s, whatever closes and wishes come', () => {
    const chart = startChart({ backoff: () => 0 });
    chart.connects();
    for (let step = 0; step < 3_000; step += 1) {
      chart.opens();
      chart.closes(1000);
      chart.retries();
      chart.connects(step % 2 === 0 ? 'ben' : 'ada');
      chart.passes(100);
    }
    expect(chart.dialledAt.length).toBeGreaterThan(40);
    for (const [index, at] of chart.dialledAt.entries()) {
      const eleventh = chart.dialledAt[index + 10];
      if (eleventh !== undefined) expect(eleventh - at).toBeGreaterThan(60_000);
    }
  });

  it('I8 holds with a connect deadline as long as a timer can be', () => {
    const chart = startChart({ backoff: () => 0, connectTimeoutMs: 2 ** 31 - 1 });
    chart.connects();
    for (let step = 0; step < 100; step += 1) {
      chart.closes(1006);
      chart.passes(100);
    }
    expect(chart.dialCount).toBe(10);
  });

  it('I8 is never more than 10, whatever refunds are fired by hand', () => {
    const chart = startChart();
    for (let index = 0; index < 20; index += 1) chart.actor.send({ type: 'budget.refunded' });
    expect(chart.context.connectBudget).toBe(10);
    for (let index = 0; index < 20; index += 1) chart.connects(`user ${index}`);
    expect(chart.dialCount).toBe(10);
  });

  it('waits throttled, still bound by a retry, and dials when a connect is refunded', () => {
    const chart = startChart();
    for (let index = 0; index < 10; index += 1) {
      chart.connects(`user ${index}`);
    }
    chart.connects('the eleventh');
    expect(chart.state).toEqual({ backoff: 'throttled' });
    expect(chart.status).toBe('backoff');
    chart.retries();
    expect(chart.state).toEqual({ backoff: 'throttled' });
    chart.passes(70_000);
    expect(chart.status).toBe('connecting');
    expect(chart.context.connectBudget).toBe(9);
  });
});

describe('the end', () => {
  it.each([
    ['nobody is logged in', []],
    ['an attempt is under way', ['connects']],
    ['a socket is open', ['connects', 'opens']],
    ['the next attempt is awaited', ['connects', 'opens', 'isStuck']],
  ] as const)('I10 is for good where %s: no actor, no timer, nobody remembered', (_, happens) => {
    const chart = startChart();
    for (const each of happens) chart[each]();
    chart.actor.send({ type: 'user.dispose' });
    const snapshot = chart.actor.getSnapshot();
    expect([snapshot.status, snapshot.value, chart.status]).toEqual(['done', 'disposed', 'idle']);
    expect(snapshot.context.userId).toBeNull();
    const children = Object.values(snapshot.children);
    expect(children.filter((child) => child?.getSnapshot().status !== 'stopped')).toEqual([]);
    const { dialCount } = chart;
    chart.passes(1_000_000);
    expect(chart.actor.getSnapshot()).toBe(snapshot);
    expect(chart.dialCount).toBe(dialCount);
  });
});

describe('the chart as a whole', () => {
  it('tags every state with exactly one status', () => {
    type Node = { tags: readonly string[]; states: Record<string, Node>; path: string[] };
    const statuses = new Set(['idle', 'connecting', 'open', 'backoff', 'loggedOut', 'failed']);
    const leaves = (node: Node, tags: readonly string[]): [string, string[]][] => {
      const own = [...tags, ...node.tags].filter((tag) => statuses.has(tag));
      const below = Object.values(node.states);
      return below.length === 0 ? [[node.path.join('.'), own]] : below.flatMap((child) => leaves(child, own));
    };
    const all = leaves(connectionMachine.root as unknown as Node, []);
    expect(all.length).toBeGreaterThan(8);
    for (const [path, tags] of all) expect([path, tags.length]).toEqual([path, 1]);
  });

  it('describes every state', () => {
    const undescribed: string[] = [];
    const visit = (node: typeof connectionMachine.root): void => {
      if (!node.description) undescribed.push(node.path.join('.'));
      for (const child of Object.values(node.states)) visit(child as typeof node);
    };
    visit(connectionMachine.root);
    expect(undescribed).toEqual([]);
  });

  it('has no transition that the stories above did not take', () => {
    expect(coverage.all().length).toBeGreaterThan(20);
    expect(coverage.missing()).toEqual([]);
  });
});
