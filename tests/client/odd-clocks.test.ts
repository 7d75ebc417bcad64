import { createConnection, createTypingIndicator, type StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createVirtualClock } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMapStore } from '../delivery/outbox/support/map-store.ts';

const HOUR_MS = 3_600_000;
const PING = { intervalMs: 14_000, timeoutMs: 5_000, ping: () => '{"type":"PING"}' };

beforeEach(() => vi.useFakeTimers({ now: new Date('2030-01-01T08:00:00Z') }));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The machine sleeps, and `performance.now()` with it: only the time of day has moved on. */
const sleeps = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

const setUp = (options: Partial<Parameters<typeof createConnection>[0]> = {}) => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://server.test/',
    WebSocket: server.WebSocket,
    backoff: () => 8_000,
    ...options,
  });
  const errors: StatesocketError[] = [];
  connection.onError((error) => void errors.push(error));
  connection.connect({ userId: 'ada' });
  return { server, connection, errors, codes: () => errors.map(({ code }) => code) };
};

describe('after 25 h of sleep in which performance.now() stood still', () => {
  it('the next retry is told in the time of day', () => {
    const { server, connection } = setUp();
    sleeps(25 * HOUR_MS);
    server.refuses();
    expect(connection.getSnapshot().nextRetryAt).toBe(Date.now() + 8_000);
    connection.dispose();
  });

  it('a message that was queued seconds ago is not expired for the next page', async () => {
    const store = createMapStore();
    const delivery = durableDelivery({ durable: () => true, storage: store, maxAgeMs: 24 * HOUR_MS });
    const before = setUp({ delivery });
    sleeps(25 * HOUR_MS);
    before.connection.send({ type: 'SAY' });
    expect(before.connection.outbox.entries[0]?.queuedAt).toBe(Date.now());
    await vi.advanceTimersByTimeAsync(2_000);
    before.connection.dispose();
    // A page that loads now has a timeOrigin that knows of the sleep.
    vi.useFakeTimers({ now: Date.now() });
    const after = setUp({ delivery });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(after.connection.outbox.entries.map(({ state }) => state)).toEqual(['queued']);
    expect(after.codes()).toEqual([]);
    after.connection.dispose();
  });

  it('a message that was queued before it is older than maxAgeMs, and says so', async () => {
    const { server, connection, codes } = setUp({
      delivery: durableDelivery({ durable: () => true, maxAgeMs: 24 * HOUR_MS }),
    });
    connection.send({ type: 'SAY' });
    sleeps(25 * HOUR_MS);
    server.accepts();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.received).toEqual([]);
    expect(connection.outbox.entries.map(({ state, code }) => [state, code])).toEqual([
      ['failed', 'expired'],
    ]);
    expect(codes()).toEqual(['message-failed']);
    connection.dispose();
  });
});

describe('I18 a wall clock that is set', () => {
  it.each([
    ['fifty years forward', new Date('2080-01-01')],
    ['a year back', new Date('2029-01-01')],
  ])('%s expires no message and drops no socket', async (_, date) => {
    const { server, connection, codes } = setUp({
      delivery: durableDelivery({ durable: () => true, maxAgeMs: 24 * HOUR_MS }),
      heartbeat: PING,
    });
    connection.send({ type: 'SAY' });
    vi.setSystemTime(date);
    server.accepts();
    await vi.advanceTimersByTimeAsync(3_000);
    expect([connection.status, server.received, codes()]).toEqual(['open', [{ type: 'SAY' }], []]);
    connection.dispose();
  });
});

describe('a platform without a whole performance', () => {
  const now = () => Date.now();
  it.each([
    ['no performance at all', undefined],
    ['no timeOrigin, as React Native', { now }],
    ['a function as timeOrigin, as some fake timers', { now, timeOrigin: () => 0 }],
  ])('(%s) says so once, and finds a dead server all the same', (_, performance) => {
    vi.stubGlobal('performance', performance);
    const { server, connection, codes } = setUp({ heartbeat: PING });
    server.accepts();
    connection.on('NEWS', () => {});
    for (let frame = 0; frame < 100; frame += 1) {
      vi.advanceTimersByTime(100);
      server.sends({ type: 'NEWS' });
    }
    expect([connection.status, codes()]).toEqual(['open', ['clock-failed']]);
    vi.advanceTimersByTime(20_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    expect(codes()).toEqual(['clock-failed']);
    connection.dispose();
  });
});

describe('a performance.now() that is the time of day, as in React Native 0.68', () => {
  it.each([
    ['an hour back', -HOUR_MS],
    ['an hour forward', HOUR_MS],
  ])('I11 I18 finds a dead server in time, and keeps one that speaks, when it is set %s', (_, ms) => {
    vi.stubGlobal('performance', { timeOrigin: 0, now: () => Date.now() });
    const { server, connection, codes } = setUp({ heartbeat: PING });
    server.accepts();
    connection.on('NEWS', () => {});
    vi.advanceTimersByTime(3_000);
    vi.setSystemTime(Date.now() + ms);
    for (let second = 0; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000);
      server.sends({ type: 'NEWS' });
    }
    expect([connection.status, codes()]).toEqual(['open', []]);
    vi.advanceTimersByTime(19_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    connection.dispose();
  });
});

describe('a clock of the app that', () => {
  /** A connection whose clock ticks on virtual timers, and whose `now` is spoilt as `spoil` says. */
  const withClock = (spoil: (now: number) => number) => {
    const clock = createVirtualClock();
    let isSpoilt = false;
    const told = setUp({
      heartbeat: PING,
      clock: { ...clock, now: () => (isSpoilt ? spoil(clock.now()) : clock.now()) },
    });
    told.server.accepts();
    told.connection.on('NEWS', () => {});
    clock.passes(5_000);
    isSpoilt = true;
    return { ...told, clock };
  };
  const boom = (): never => {
    throw new Error('mine');
  };

  it.each([
    ['stands still', () => 5_000, []],
    ['runs back', (now: number) => 10_000 - now, ['clock-failed']],
    ['says NaN', () => Number.NaN, ['clock-failed']],
    ['throws', boom, ['clock-failed']],
  ])('I11 %s is reported once at most, and a dead server is found all the same', (_, spoil, reported) => {
    const { server, connection, clock, codes } = withClock(spoil);
    for (let frame = 0; frame < 100; frame += 1) server.sends({ type: 'NEWS' });
    expect(connection.status).toBe('open');
    clock.passes(29_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    expect(codes()).toEqual(reported);
    connection.dispose();
    expect(clock.timerCount).toBe(0);
  });
});

describe('the typing indicator', () => {
  const typingWith = (options?: { now?: () => number }) => {
    const sent: unknown[] = [];
    const connection = {
      status: 'open' as const,
      send: (message: unknown) => {
        sent.push(message);
        return 'sent' as const;
      },
    };
    return { typing: createTypingIndicator(connection, options), sent };
  };

  it('works where there is no performance', () => {
    vi.stubGlobal('performance', undefined);
    const { typing } = typingWith();
    expect([typing('c1'), typing('c1')]).toEqual(['sent', 'skipped']);
    vi.advanceTimersByTime(1_000);
    expect(typing('c1')).toBe('sent');
  });

  it.each([
    ['throws', () => JSON.parse('')],
    ['is NaN', () => Number.NaN],
  ])("goes by the platform's clock where its own %s", (_, now) => {
    const { typing } = typingWith({ now });
    expect([typing('c1'), typing('c1')]).toEqual(['sent', 'skipped']);
    vi.advanceTimersByTime(1_000);
    expect(typing('c1')).toBe('sent');
  });

  it('is not silent for long after its clock ran back', () => {
    let now = 1_000_000;
    const { typing } = typingWith({ now: () => now });
    typing('c1');
    now = 0;
    expect(typing('c1')).toBe('sent');
  });
});
