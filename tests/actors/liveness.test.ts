import { createConnection } from 'statesocket';
import type { SignalEvent } from 'statesocket/machines';
import { createFakeServer, createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createLiveness } from '../../src/actors/liveness.ts';

const INTERVAL_MS = 14_000;
const SLACK_MS = 1_000;
const TIMEOUT_MS = 5_000;
const HOUR_MS = 3_600_000;

const startLiveness = ({ canAsk = true, intervalMs = INTERVAL_MS } = {}) => {
  const clock = createVirtualClock();
  const told: string[] = [];
  let askCount = 0;
  const liveness = createLiveness({
    clock,
    silenceMs: intervalMs + SLACK_MS,
    timeoutMs: TIMEOUT_MS,
    ask: canAsk
      ? () => {
          askCount += 1;
        }
      : undefined,
    tell: ({ type }) => told.push(type),
  });
  return {
    clock,
    told,
    liveness,
    get askCount() {
      return askCount;
    },
  };
};

describe('the silence of a server', () => {
  it('is told once, at its edge: after the interval and a second of slack', () => {
    const { clock, told } = startLiveness();
    clock.passes(INTERVAL_MS + SLACK_MS - 1);
    expect(told).toEqual([]);
    clock.passes(1);
    expect(told).toEqual(['frame.silent']);
    clock.passes(HOUR_MS);
    expect(told).toEqual(['frame.silent']);
  });

  it('is measured from the last frame, and frames are not told', () => {
    const { clock, told, liveness } = startLiveness();
    for (let frame = 0; frame < 100; frame += 1) {
      clock.passes(INTERVAL_MS);
      liveness.heard();
    }
    clock.passes(INTERVAL_MS + SLACK_MS - 1);
    expect(told).toEqual([]);
    clock.passes(1);
    expect(told).toEqual(['frame.silent']);
  });

  it('may last a timeout longer where the server cannot be asked', () => {
    const { clock, told } = startLiveness({ canAsk: false });
    clock.passes(INTERVAL_MS + SLACK_MS + TIMEOUT_MS - 1);
    expect(told).toEqual([]);
    clock.passes(1);
    expect(told).toEqual(['frame.silent']);
  });

  it('proves nothing by a timer that is late where the server cannot be asked: it gets its whole time again', () => {
    const { clock, told } = startLiveness({ canAsk: false });
    clock.sleeps(8 * HOUR_MS);
    expect(told).toEqual([]);
    clock.passes(INTERVAL_MS + SLACK_MS + TIMEOUT_MS - 1);
    expect(told).toEqual([]);
    clock.passes(1);
    expect(told).toEqual(['frame.silent']);
  });

  it('is told by the second late timer in a row where the server cannot be asked (I11)', () => {
    const { clock, told } = startLiveness({ canAsk: false });
    clock.sleeps(60_000);
    expect(told).toEqual([]);
    clock.sleeps(60_000);
    expect(told).toEqual(['frame.silent']);
  });

  it('is told by a timer that is late where the server can be asked: the answer decides', () => {
    const { clock, told } = startLiveness();
    clock.sleeps(8 * HOUR_MS);
    expect(told).toEqual(['frame.silent']);
  });

  it('is not waited for in a storm of timers when the interval is the longest there is', () => {
    const longest = 2 ** 31 - 1;
    const { clock, told } = startLiveness({ intervalMs: longest });
    const delays: number[] = [];
    const { stop } = createLiveness({
      clock: {
        ...clock,
        setTimeout: (callback, delayMs) => {
          delays.push(delayMs);
          return clock.setTimeout(callback, delayMs);
        },
      },
      silenceMs: longest,
      timeoutMs: longest,
      ask: undefined,
      tell: () => {},
    });
    expect(delays).toEqual([longest]);
    stop();
    clock.passes(longest);
    expect(told).toEqual([]);
    clock.passes(SLACK_MS);
    expect(told).toEqual(['frame.silent']);
  });
});

describe('a probe', () => {
  it('asks once, and a frame after it is told, once', () => {
    const watched = startLiveness();
    watched.liveness.heard();
    expect(watched.told).toEqual([]);
    watched.liveness.probe(TIMEOUT_MS);
    expect(watched.askCount).toBe(1);
    watched.liveness.heard();
    watched.liveness.heard();
    expect(watched.told).toEqual(['frame.heard']);
  });

  it('is followed by the watch for silence as before', () => {
    const { clock, told, liveness } = startLiveness();
    liveness.probe(TIMEOUT_MS);
    clock.passes(1_000);
    liveness.heard();
    clock.passes(INTERVAL_MS + SLACK_MS - 1);
    expect(told).toEqual(['frame.heard']);
    clock.passes(1);
    expect(told).toEqual(['frame.heard', 'frame.silent']);
  });

  it('is told as unanswered when its time is over, once, and silence is not told meanwhile', () => {
    const watched = startLiveness();
    watched.clock.passes(INTERVAL_MS);
    watched.liveness.probe(TIMEOUT_MS);
    watched.clock.passes(TIMEOUT_MS - 1);
    expect(watched.told).toEqual([]);
    watched.clock.passes(1);
    expect(watched.told).toEqual(['probe.unanswered']);
    watched.clock.passes(HOUR_MS);
    expect(watched.told).toEqual(['probe.unanswered']);
    expect(watched.askCount).toBe(1);
  });

  it('whose timer was late proves nothing and is sent again', () => {
    const watched = startLiveness();
    watched.liveness.probe(TIMEOUT_MS);
    watched.clock.sleeps(8 * HOUR_MS);
    expect([watched.told, watched.askCount]).toEqual([[], 2]);
    watched.clock.passes(TIMEOUT_MS);
    expect(watched.told).toEqual(['probe.unanswered']);
  });

  it('is unanswered when the second timer in a row is late too: in a hidden tab all of them may be (I11)', () => {
    const watched = startLiveness();
    watched.liveness.probe(TIMEOUT_MS);
    watched.clock.sleeps(60_000);
    watched.clock.sleeps(60_000);
    expect([watched.told, watched.askCount]).toEqual([['probe.unanswered'], 2]);
  });

  it('that is overdue was late, though a signal comes before its timer (I11)', () => {
    const { clock, told, liveness } = startLiveness();
    liveness.probe(TIMEOUT_MS);
    clock.setTimeout(() => liveness.probe(3_000), TIMEOUT_MS - 1_000);
    clock.sleeps(60_000);
    expect(told).toEqual([]);
    clock.sleeps(60_000);
    expect(told).toEqual(['probe.unanswered']);
  });

  it('that was answered in between is late for the first time again', () => {
    const watched = startLiveness();
    for (let minute = 0; minute < 5; minute += 1) {
      watched.liveness.probe(TIMEOUT_MS);
      watched.clock.sleeps(60_000);
      watched.liveness.heard();
    }
    expect(watched.told).not.toContain('probe.unanswered');
  });

  it('whose timer was late by less than the slack was on time', () => {
    const { clock, told, liveness } = startLiveness();
    liveness.probe(TIMEOUT_MS);
    clock.sleeps(TIMEOUT_MS + SLACK_MS);
    expect(told).toEqual(['probe.unanswered']);
  });

  it('that follows one gives less time, and asks again', () => {
    const watched = startLiveness();
    watched.liveness.probe(5_000);
    watched.clock.passes(100);
    watched.liveness.probe(3_000);
    expect(watched.askCount).toBe(2);
    watched.clock.passes(2_999);
    expect(watched.told).toEqual([]);
    watched.clock.passes(1);
    expect(watched.told).toEqual(['probe.unanswered']);
  });

  it('I11 that follows one never gives more time, however many follow', () => {
    const { clock, told, liveness } = startLiveness();
    liveness.probe(3_000);
    for (let second = 1; second < 3; second += 1) {
      clock.passes(1_000);
      liveness.probe(3_000);
      expect(told).toEqual([]);
    }
    clock.passes(1_000);
    expect(told).toEqual(['probe.unanswered']);
  });

  it('that follows one in a storm of signals is not sent again', () => {
    const watched = startLiveness();
    for (let signal = 0; signal < 1_000; signal += 1) {
      watched.liveness.probe(3_000);
      watched.clock.passes(1);
    }
    expect(watched.askCount).toBe(1);
  });

  it('that follows one whose timer is overdue begins again', () => {
    const clock = createVirtualClock();
    const told: string[] = [];
    let now = 0;
    const liveness = createLiveness({
      clock: { ...clock, now: () => now },
      silenceMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      ask: () => {},
      tell: ({ type }) => told.push(type),
    });
    liveness.probe(5_000);
    // The machine slept: a signal is delivered before the overdue timer.
    now = HOUR_MS;
    liveness.probe(3_000);
    clock.passes(2_999);
    expect(told).toEqual([]);
    now += 3_000;
    clock.passes(1);
    expect(told).toEqual(['probe.unanswered']);
  });
});

describe('the end of a watch', () => {
  it.each([
    ['the watch for silence', () => {}],
    ['a probe', ({ liveness }: ReturnType<typeof startLiveness>) => liveness.probe(TIMEOUT_MS)],
  ])('I10 ends the timer of %s', (_, prepare) => {
    const watched = startLiveness();
    prepare(watched);
    expect(watched.clock.timerCount).toBe(1);
    watched.liveness.stop();
    expect(watched.clock.timerCount).toBe(0);
    watched.clock.passes(HOUR_MS);
    expect(watched.told).toEqual([]);
    watched.liveness.stop();
  });
});

/** A whole connection on a virtual clock, open and stable, whose server has just been heard. */
const openConnection = (
  heartbeat?: { intervalMs: number; timeoutMs: number; ping?: () => string } | false,
) => {
  const clock = createVirtualClock();
  const server = createFakeServer();
  const delays: number[] = [];
  const connection = createConnection({
    url: 'ws://example.test/',
    WebSocket: server.WebSocket,
    clock: {
      ...clock,
      setTimeout: (callback, delayMs) => {
        delays.push(delayMs);
        return clock.setTimeout(callback, delayMs);
      },
    },
    ...(heartbeat === undefined ? {} : { heartbeat }),
  });
  const errors: string[] = [];
  connection.onError(({ code }) => errors.push(code));
  connection.connect({ userId: 'ada' });
  server.accepts();
  const beats = () => server.sends({ type: 'HEARTBEAT' });
  const fires = (type: SignalEvent['type']) => connection.actor.send({ type });
  clock.passes(10_000);
  beats();
  return { clock, server, connection, errors, delays, beats, fires };
};

const WITH_PING = {
  intervalMs: INTERVAL_MS,
  timeoutMs: TIMEOUT_MS,
  ping: () => JSON.stringify({ type: 'PING' }),
};

const pingCount = ({ server }: ReturnType<typeof openConnection>): number =>
  server.received.filter((message) => (message as { type?: string }).type === 'PING').length;

describe('a half-open peer', () => {
  it('is asked within intervalMs, found within 19 s of its last frame, and its socket is not waited for', () => {
    const { clock, server, connection } = openConnection(WITH_PING);
    clock.passes(INTERVAL_MS - 1);
    expect(server.received).toEqual([]);
    clock.passes(1);
    expect(server.received).toEqual([{ type: 'PING' }]);
    clock.passes(TIMEOUT_MS - 1);
    expect(connection.status).toBe('open');
    clock.passes(1);
    expect(connection.status).toBe('connecting');
    expect(connection.getSnapshot().lastEnd).toEqual({
      cause: 'silent',
      code: null,
      reason: null,
      wasClean: null,
    });
    expect(server.sockets[0]?.closedWith).not.toBeNull();
    // I1: the dead socket's close comes in its own time, and changes nothing.
    server.sockets[0]?.deliver.close(1006, false);
    expect(server.live.length).toBe(1);
    connection.dispose();
  });

  it('is found within 20 s by default, once two HEARTBEAT frames have shown that it speaks', () => {
    const { clock, connection, beats } = openConnection();
    beats();
    clock.passes(19_999);
    expect(connection.status).toBe('open');
    clock.passes(1);
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });

  it('is found within 20 s without a ping where the app promised that the server speaks', () => {
    const { clock, connection } = openConnection({ intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS });
    clock.passes(20_000);
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });

  /** Offline, a dead socket is not replaced at once. */
  const FOUND = {
    'page.shown': 'connecting',
    'page.resumed': 'connecting',
    'network.restored': 'connecting',
    'network.lost': 'backoff',
  } as const;

  it.each(['page.shown', 'page.resumed', 'network.restored', 'network.lost'] as const)(
    'is found within 3 s of %s where it can be asked',
    (signal) => {
      const watched = openConnection(WITH_PING);
      watched.clock.passes(1_000);
      watched.fires(signal);
      expect(pingCount(watched)).toBe(1);
      watched.clock.passes(2_999);
      expect(watched.connection.status).toBe('open');
      watched.clock.passes(1);
      expect(watched.connection.status).toBe(FOUND[signal]);
      watched.connection.dispose();
    },
  );

  it.each(['page.shown', 'page.resumed', 'network.restored', 'network.lost'] as const)(
    'is found within 3 s of %s also while a slower probe is out',
    (signal) => {
      const watched = openConnection(WITH_PING);
      watched.clock.passes(INTERVAL_MS + SLACK_MS + 100);
      expect(pingCount(watched)).toBe(1);
      watched.fires(signal);
      expect(pingCount(watched)).toBe(2);
      watched.clock.passes(3_000);
      expect(watched.connection.status).toBe(FOUND[signal]);
      watched.connection.dispose();
    },
  );

  it('I11 is found within 3 s of the first of many signals', () => {
    const { clock, connection, fires } = openConnection(WITH_PING);
    for (let halfSecond = 0; halfSecond < 6; halfSecond += 1) {
      expect(connection.status).toBe('open');
      fires('page.shown');
      clock.passes(500);
    }
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });

  it.each([
    ['the silence falls due before the watch for sleep', 14_000],
    ['the watch for sleep falls due before the silence', 1_000],
  ])('is found within 3 s of the wake of the machine, when %s', (_, awakeMs) => {
    const watched = openConnection(WITH_PING);
    watched.clock.passes(awakeMs);
    watched.clock.sleeps(8 * HOUR_MS);
    expect(pingCount(watched)).toBeGreaterThan(0);
    expect(watched.connection.status).toBe('open');
    watched.clock.passes(3_000);
    expect(watched.connection.status).toBe('connecting');
    watched.connection.dispose();
  });

  it('is found within 3 s of a look at a tab whose timers had been slowed down to one a minute', () => {
    const watched = openConnection(WITH_PING);
    watched.clock.sleeps(60_000);
    expect(watched.connection.status).toBe('open');
    watched.fires('page.shown');
    watched.clock.passes(3_000);
    expect(watched.connection.status).toBe('connecting');
    watched.connection.dispose();
  });

  it('is found by the third slow timer where nobody looks: silence, a late probe, another late one (I11)', () => {
    const watched = openConnection(WITH_PING);
    for (let minute = 0; minute < 2; minute += 1) watched.clock.sleeps(60_000);
    expect(watched.connection.status).toBe('open');
    watched.clock.sleeps(60_000);
    expect(watched.connection.status).not.toBe('open');
    watched.connection.dispose();
  });

  it('is not taken for one when it answers', () => {
    const watched = openConnection(WITH_PING);
    const { clock, connection, fires, beats } = watched;
    for (const signal of ['page.shown', 'network.restored', 'page.resumed', 'network.lost'] as const) {
      fires(signal);
      clock.passes(2_999);
      beats();
      clock.passes(INTERVAL_MS);
    }
    expect(connection.status).toBe('open');
    expect(watched.server.sockets.length).toBe(1);
    connection.dispose();
  });
});

describe('a server that cannot be asked', () => {
  it('means nothing by its silence after one HEARTBEAT frame: that may be chance', () => {
    const { clock, server, connection } = openConnection();
    clock.passes(24 * HOUR_MS);
    expect(connection.status).toBe('open');
    expect(server.sockets.length).toBe(1);
    connection.dispose();
  });

  it('means nothing by its silence where the heartbeat is off', () => {
    const { clock, connection, beats } = openConnection(false);
    beats();
    beats();
    clock.passes(24 * HOUR_MS);
    expect(connection.status).toBe('open');
    connection.dispose();
  });

  it('is left alone by signals, and nothing is sent to it', () => {
    const { clock, server, connection, beats, fires } = openConnection();
    beats();
    for (const signal of ['page.shown', 'page.resumed', 'network.lost', 'network.restored'] as const) {
      fires(signal);
      clock.passes(4_000);
    }
    expect(connection.status).toBe('open');
    expect(server.received).toEqual([]);
    connection.dispose();
  });

  it('is kept through the sleep of the machine, and gets its whole time again', () => {
    const { clock, connection, beats } = openConnection();
    beats();
    clock.sleeps(8 * HOUR_MS);
    clock.passes(19_999);
    expect(connection.status).toBe('open');
    clock.passes(1);
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });
});

describe('a ping that throws', () => {
  const THROWING = {
    ...WITH_PING,
    ping: (): string => {
      throw new Error('defect');
    },
  };

  it('is reported and harms nothing while the server speaks', () => {
    const { clock, connection, errors, fires, beats } = openConnection(THROWING);
    fires('page.shown');
    expect(errors).toEqual(['heartbeat-failed']);
    clock.passes(1_000);
    beats();
    clock.passes(10_000);
    expect(connection.status).toBe('open');
    connection.dispose();
  });

  it('leaves a silent server unasked, and it is given up in time', () => {
    const { clock, connection, errors } = openConnection(THROWING);
    clock.passes(20_000);
    expect(connection.status).toBe('connecting');
    expect(errors).toEqual(['heartbeat-failed']);
    connection.dispose();
  });
});

describe('the cost of an idle connection', () => {
  /** A socket that is CLOSING tells nobody: it is looked at. */
  const LOOK_MS = 4_000;

  it('is a look at the socket each 4 s, and at most two timers for each heartbeat where the server is watched', () => {
    for (const [heartbeat, mostPerBeat] of [
      [WITH_PING, 2],
      [{ ...WITH_PING, intervalMs: 120_000 }, 2],
      [false, 0],
    ] as const) {
      const { clock, connection, delays, beats } = openConnection(heartbeat);
      const beatMs = (heartbeat === false ? INTERVAL_MS : heartbeat.intervalMs) - SLACK_MS;
      beats();
      delays.length = 0;
      for (let beat = 0; beat < 100; beat += 1) {
        clock.passes(beatMs);
        beats();
      }
      expect(connection.status).toBe('open');
      const lookCount = delays.filter((delayMs) => delayMs === LOOK_MS).length;
      expect(lookCount).toBeLessThanOrEqual((100 * beatMs) / LOOK_MS);
      expect(delays.length - lookCount).toBeLessThanOrEqual(100 * mostPerBeat);
      connection.dispose();
    }
  });

  it('is no timer per frame: a busy server costs as few', () => {
    const { clock, server, connection, delays } = openConnection(WITH_PING);
    delays.length = 0;
    for (let frame = 0; frame < 15_000; frame += 1) {
      clock.passes(10);
      server.sends({ type: 'NOISE' });
    }
    const others = delays.filter((delayMs) => delayMs !== LOOK_MS);
    expect(others.length).toBeLessThanOrEqual(2 * Math.ceil(150_000 / INTERVAL_MS));
    connection.dispose();
  });

  it.each([WITH_PING, undefined])('I10 leaves no timer after dispose (%o)', (heartbeat) => {
    const { clock, connection, beats, fires } = openConnection(heartbeat);
    beats();
    fires('page.shown');
    expect(clock.timerCount).toBeGreaterThan(1);
    connection.dispose();
    expect(clock.timerCount).toBe(0);
  });

  it('I10 leaves no timer of a watch after disconnect: only budgets are refunded', () => {
    const { clock, connection, delays } = openConnection(WITH_PING);
    connection.disconnect();
    expect(clock.timerCount).toBe(1);
    delays.length = 0;
    clock.passes(HOUR_MS);
    expect(clock.timerCount).toBe(0);
    expect(delays).toEqual([]);
    connection.dispose();
  });
});
