import { type ConnectionOptions, createConnection, type StatesocketError } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Before retry 1, by chance. */
const MIN_DEFAULT_WAIT_MS = 450;
const MAX_DEFAULT_WAIT_MS = 900;

const boom = (): never => {
  throw new Error('hostile');
};
/** What no type checker would let through. */
const hostile = <T>(value: unknown): T => value as T;

const setUp = (options: Partial<ConnectionOptions<{ type: string }>> = {}) => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    ...options,
  });
  const codes: string[] = [];
  connection.onError((error: StatesocketError) => codes.push(error.code));
  return { server, connection, codes };
};

const connected = (options: Partial<ConnectionOptions<{ type: string }>> = {}) => {
  const app = setUp(options);
  app.connection.connect({ userId: 'ada' });
  return app;
};

const stable = (options: Partial<ConnectionOptions<{ type: string }>> = {}) => {
  const app = connected(options);
  app.server.accepts();
  vi.advanceTimersByTime(5_000);
  return app;
};

const CURSED_THENABLE = {
  get then(): never {
    return boom();
  },
};

describe.each([
  ['url', 'url-failed'],
  ['getToken', 'token-failed'],
] as const)('a hostile %s', (name, code) => {
  it.each([
    ['throws', boom],
    ['rejects', () => Promise.reject(new Error('hostile'))],
    ['answers a number', () => 7],
    ['answers NaN', () => Number.NaN],
    ['answers an object', () => ({})],
    ['answers a promise of an object', async () => ({})],
    ['answers a thenable that throws', () => CURSED_THENABLE],
  ])('that %s is reported, and the attempt counts as lost', async (_, answer) => {
    const { connection, codes, server } = connected({ [name]: answer });
    await vi.advanceTimersByTimeAsync(0);
    expect(codes).toContain(code);
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(connection.status).toBe('backoff');
    expect(server.sockets).toHaveLength(0);
    connection.dispose();
  });

  it('that hangs ends at the connect deadline, is told so, and is not heard any more', async () => {
    let answer = (_: string) => {};
    const signals: AbortSignal[] = [];
    const { connection, codes, server } = connected({
      [name]: ({ signal }: { signal: AbortSignal }) => {
        signals.push(signal);
        return new Promise<string>((resolve) => {
          answer = resolve;
        });
      },
      backoff: () => 60_000,
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(codes).toEqual(['connect-timeout']);
    expect(connection.status).toBe('backoff');
    expect(signals[0]?.aborted).toBe(true);
    answer('wss://redngift.test/late/');
    await vi.advanceTimersByTimeAsync(0);
    expect(server.sockets).toHaveLength(0);
    connection.dispose();
  });
});

describe('a hostile backoff', () => {
  it.each([
    ['throws', boom],
    ['answers NaN', () => Number.NaN],
    ['answers a text', () => hostile<number>('soon')],
    ['answers a promise', () => hostile<number>(Promise.resolve(5))],
    ['rejects', () => hostile<number>(Promise.reject(new Error('hostile')))],
  ])('that %s is reported as backoff-failed, and the default delay is waited', (_, backoff) => {
    const { connection, codes, server } = connected({ backoff });
    server.closes(1006);
    expect(codes).toEqual(['backoff-failed']);
    vi.advanceTimersByTime(MIN_DEFAULT_WAIT_MS - 1);
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(MAX_DEFAULT_WAIT_MS - MIN_DEFAULT_WAIT_MS + 1);
    expect(server.sockets).toHaveLength(2);
    connection.dispose();
  });

  it.each([
    [-5, 0],
    [Number.POSITIVE_INFINITY, LONGEST_DELAY_MS],
    [1e300, LONGEST_DELAY_MS],
  ])('that answers %d is bounded to what a timer can hold', (delayMs, waitedMs) => {
    const { connection, server } = connected({ backoff: () => delayMs });
    server.closes(1006);
    vi.advanceTimersByTime(Math.max(0, waitedMs - 1));
    if (waitedMs > 0) expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(server.sockets).toHaveLength(2);
    connection.dispose();
  });

  it('whose spreadMs is NaN spreads nothing', () => {
    const { connection, server } = stable({ backoff: Object.assign(() => 0, { spreadMs: Number.NaN }) });
    server.closes(1012);
    expect(connection.status).toBe('connecting');
    connection.dispose();
  });
});

describe('a hostile classifyClose', () => {
  it.each([
    ['throws', boom],
    ['answers a text', () => 'reject'],
    ['answers an unknown word', () => ({ then: 'explode' })],
    ['answers NaN', () => ({ then: 'backoff', minDelayMs: Number.NaN })],
    ['answers a negative delay', () => ({ then: 'reject', minDelayMs: -1 })],
    ['answers a promise', async () => ({ then: 'reject' })],
    ['rejects', () => Promise.reject(new Error('hostile'))],
  ])('that %s is reported once as classify-failed, and the close table decides', (_, classifyClose) => {
    const { connection, codes, server } = connected({ classifyClose: hostile(classifyClose) });
    server.closes(1013);
    expect(codes).toEqual(['classify-failed']);
    expect(connection.status).toBe('backoff');
    vi.advanceTimersByTime(9_999);
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(server.sockets).toHaveLength(2);
    connection.dispose();
  });

  it('that advises a huge wait is bounded to what a timer can hold', () => {
    const { connection, codes, server } = connected({
      classifyClose: () => ({ then: 'backoff', minDelayMs: Number.POSITIVE_INFINITY }),
    });
    server.closes(1006);
    vi.advanceTimersByTime(LONGEST_DELAY_MS - 1);
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(server.sockets).toHaveLength(2);
    expect(codes).toEqual([]);
    connection.dispose();
  });
});

describe('a hostile ack', () => {
  it('that rejects names no id: the message is delivered, without an ACK', async () => {
    const heard = vi.fn();
    const { connection, codes, server } = connected({
      ack: hostile(() => Promise.reject(new Error('hostile'))),
    });
    connection.on('A', heard);
    server.accepts();
    server.sends({ type: 'A', id: 'a1' });
    await vi.advanceTimersByTimeAsync(0);
    expect([heard.mock.calls.length, server.received, codes]).toEqual([1, [], ['bad-message-id']]);
    connection.dispose();
  });
});

describe('a hostile heartbeat.ping', () => {
  it.each([
    ['throws', boom],
    ['answers a number', () => 5],
    ['answers nothing', () => undefined],
    ['answers an object', () => ({ type: 'PING' })],
    ['answers a promise', async () => '{"type":"PING"}'],
    ['rejects', () => Promise.reject(new Error('hostile'))],
    ['answers a thenable that throws', () => CURSED_THENABLE],
  ])('that %s is reported as heartbeat-failed, sends nothing, and the probe stays bounded', (_, ping) => {
    const { connection, codes, server } = stable({
      heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping: hostile(ping) },
    });
    vi.advanceTimersByTime(10_000);
    expect(codes).toEqual(['heartbeat-failed']);
    expect(server.received).toEqual([]);
    expect(connection.status).toBe('open');
    vi.advanceTimersByTime(5_000);
    expect(connection.status).toBe('connecting');
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    connection.dispose();
  });
});

describe('a hostile clock', () => {
  const clock = {
    now: () => performance.now(),
    setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
    clearTimeout: (handle: unknown) => clearTimeout(handle as number),
  };

  it.each([
    ['now throws', { now: boom }],
    ['now answers NaN', { now: () => Number.NaN }],
    ['now answers a text', { now: () => hostile<number>('noon') }],
    ['setTimeout throws', { setTimeout: boom }],
    ['clearTimeout throws', { clearTimeout: boom }],
  ])('whose %s is reported as clock-failed, and the platform keeps the time', (_, broken) => {
    const { connection, codes, server } = connected({ clock: { ...clock, ...broken }, backoff: () => 3_000 });
    server.accepts();
    server.closes(1006);
    expect(connection.status).toBe('backoff');
    expect(connection.getSnapshot().nextRetryAt).toEqual(expect.any(Number));
    vi.advanceTimersByTime(3_000);
    expect(connection.status).toBe('connecting');
    expect(new Set(codes)).toEqual(new Set(['clock-failed']));
    connection.dispose();
    expect(server.live).toHaveLength(0);
  });
});

describe('a hostile random', () => {
  it.each([
    ['throws', boom],
    ['answers NaN', () => Number.NaN],
    ['answers 1e9', () => 1e9],
    ['answers -1', () => -1],
    ['answers a text', () => hostile<number>('x')],
  ])('that %s is reported as random-failed, and moves no delay out of its range', (_, random) => {
    const { connection, codes, server } = connected({ random });
    server.closes(1006);
    expect(connection.status).toBe('backoff');
    expect(codes).toEqual(['random-failed']);
    vi.advanceTimersByTime(MIN_DEFAULT_WAIT_MS - 1);
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(MAX_DEFAULT_WAIT_MS - MIN_DEFAULT_WAIT_MS + 1);
    expect(server.sockets).toHaveLength(2);
    connection.dispose();
  });
});

describe('hostile observers', () => {
  it.each([
    ['function', boom],
    ['observer', { next: boom }],
  ])('an inspect %s that throws is reported as inspect-failed, and the chart goes on', (_, inspect) => {
    const { connection, codes, server } = connected({ inspect });
    server.accepts();
    expect(connection.status).toBe('open');
    expect(new Set(codes)).toEqual(new Set(['inspect-failed']));
    connection.dispose();
  });

  it('listeners that throw are reported as listener-failed, and the others run', () => {
    const { connection, codes, server } = stable();
    const heard: string[] = [];
    connection.on('NEWS', boom);
    connection.onMessage(boom);
    connection.onMessage(({ type }) => heard.push(type));
    connection.subscribe(boom);
    server.sends({ type: 'NEWS' });
    expect(heard).toEqual(['NEWS']);
    expect(codes).toEqual(['listener-failed', 'listener-failed']);
    connection.disconnect();
    expect(connection.status).toBe('idle');
    expect(codes.at(-1)).toBe('listener-failed');
    connection.dispose();
  });

  it('an onError listener that throws goes to the console, and the others run', () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const { connection, codes, server } = setUp();
    connection.onError(boom);
    connection.connect({ userId: 'ada' });
    server.refuses();
    expect(warned).toHaveBeenCalledOnce();
    expect(codes).toEqual(['socket-error']);
    connection.dispose();
  });
});

describe('what can never work', () => {
  it.each([
    ['url', 7],
    ['getToken', 'token'],
    ['WebSocket', {}],
    ['backoff', 5_000],
    ['backoff', Object.assign(() => 0, { spreadMs: { valueOf: boom } })],
    ['backoff', Object.assign(() => 0, { spreadMs: '2000' })],
    ['backoff', Object.defineProperty(() => 0, 'spreadMs', { get: boom })],
    ['classifyClose', { 4401: 'reject' }],
    ['random', 0.5],
    ['signals', ['network.lost']],
    ['clock', { now: () => 0 }],
    ['heartbeat', { intervalMs: Number.NaN, timeoutMs: 5_000 }],
    ['heartbeat', { intervalMs: 14_000, timeoutMs: 2 ** 31 }],
    ['heartbeat', { intervalMs: 14_000, timeoutMs: 5_000, ping: 'PING' }],
    ['heartbeat', null],
    ['delivery', null],
    ['delivery', { durable: true }],
    ['delivery', { durable: Boolean, storage: 'cookies' }],
    ['delivery', { durable: Boolean, storage: { open: 1 } }],
    ['delivery', { durable: Boolean, maxCount: 0 }],
    ['delivery', { durable: Boolean, maxAgeMs: 8 * 86_400_000 }],
    ['delivery', { durable: Boolean, maxAgeMs: Number.NaN }],
    ['server', 'plain'],
    ['connectTimeoutMs', Number.POSITIVE_INFINITY],
    ['stableAfterMs', -1],
    ['maxRetries', '20'],
  ])('as %s is refused at creation, by name', (name, value) => {
    const create = () =>
      createConnection(hostile<{ url: string }>({ url: 'wss://redngift.test/', [name]: value }));
    expect(create).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(create).toThrow(name);
  });
});
