import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const HOUR_MS = 3_600_000;

/** A token that is cached, and a server that takes only fresh ones. It counts what it is asked for. */
const tokenService = () => {
  const asked: { reason: string; atMs: number }[] = [];
  let token = 'expired';
  return {
    asked,
    fresh: () => asked.filter(({ reason }) => reason === 'refresh').length,
    getToken:
      (now: () => number) =>
      ({ reason }: { reason: 'connect' | 'refresh' }): string => {
        asked.push({ reason, atMs: now() });
        if (reason === 'refresh') token = 'fresh';
        return token;
      },
  };
};

/** A server that refuses an expired token in the handshake, as a browser shows it: 1006. */
const withTokens = (options: ScenarioOptions<{ type: string }> = {}) => {
  const tokens = tokenService();
  let now = () => 0;
  const scenario = createScenario({
    url: ({ token }) => `wss://server.test/${token}`,
    getToken: tokens.getToken(() => now()),
    ...options,
  });
  now = scenario.clock.now;
  const { connection, server, clock } = scenario;
  /** Lets the server judge each attempt for as long as this. */
  const passes = (ms: number): void => {
    for (const end = clock.now() + ms; clock.now() < end; clock.passes(100)) {
      if (connection.status !== 'connecting') continue;
      if (server.latest.url.endsWith('/fresh')) server.accepts();
      else server.refuses();
    }
  };
  connection.connect({ userId: 'ada' });
  return { ...scenario, tokens, passes };
};

describe('a machine that is wrongly called offline', () => {
  it('is back within three minutes with a fresh token, where its token has expired', () => {
    const { connection, fires, passes, tokens } = withTokens();
    fires({ type: 'network.lost' });
    passes(3 * 60_000);
    expect(connection.status).toBe('open');
    expect(tokens.asked.map(({ reason }) => reason)).toEqual([
      ...['connect', 'connect', 'connect', 'connect'],
      'refresh',
    ]);
  });

  it('asks for one token in a day, once it is open, and none of the old ones', () => {
    const { connection, fires, passes, clock, tokens } = withTokens();
    fires({ type: 'network.lost' });
    passes(3 * 60_000);
    const before = tokens.asked.length;
    clock.passes(24 * HOUR_MS);
    expect([connection.status, tokens.asked.length]).toEqual(['open', before]);
  });

  it('is back as soon as others after a cut, hour after hour', () => {
    const { connection, server, clock, fires } = createScenario();
    fires({ type: 'network.lost' });
    connection.connect({ userId: 'ada' });
    server.accepts();
    for (let hour = 1; hour <= 4; hour += 1) {
      clock.passes(HOUR_MS);
      server.closes(1006);
      clock.passes(1_000);
      expect(connection.status).toBe('connecting');
      server.accepts();
    }
  });

  it.each(['the word comes while messages flow', 'the word comes as it is cut'])(
    'is tried at the pace of the backoff after a cut, and then every 30 s: %s',
    (when) => {
      const { connection, server, clock, fires } = createScenario();
      connection.connect({ userId: 'ada' });
      server.accepts();
      clock.passes(10_000);
      if (when.includes('flow')) {
        fires({ type: 'network.lost' });
        for (let minute = 1; minute <= 10; minute += 1) {
          server.sends({ type: 'NEWS' });
          clock.passes(60_000);
        }
        server.closes(1006);
      } else {
        server.closes(1006);
        fires({ type: 'network.lost' });
      }
      const cutAt = clock.now();
      const dialledAt: number[] = [];
      for (let second = 1; second <= 70; second += 1) {
        clock.passes(1_000);
        if (connection.status !== 'connecting') continue;
        dialledAt.push(clock.now() - cutAt);
        server.refuses();
      }
      expect(dialledAt).toEqual([1_000, 31_000, 61_000]);
    },
  );

  it('does not fail in a tunnel of an hour, and is back with the network', () => {
    const { connection, server, clock, fires } = createScenario({ maxRetries: 1 });
    connection.connect({ userId: 'ada' });
    server.accepts();
    clock.passes(10_000);
    fires({ type: 'network.lost' });
    server.closes(1006);
    for (const end = clock.now() + HOUR_MS; clock.now() < end; clock.passes(1_000)) {
      if (connection.status === 'connecting') server.refuses();
    }
    expect(connection.getSnapshot()).toMatchObject({ status: 'backoff', wait: { why: 'offline' } });
    fires({ type: 'network.restored' });
    expect(connection.status).toBe('connecting');
    server.accepts();
    expect(connection.status).toBe('open');
  });
});

describe('a token that is refused in the handshake', () => {
  it.each([
    ['presses "Reconnect now"', 'user.retry'],
    ['looks at the page', 'page.shown'],
    ['has the network back', 'network.restored'],
  ] as const)('is renewed when the person %s twice', (_, type) => {
    const { connection, server, fires, tokens } = withTokens({ backoff: () => HOUR_MS });
    server.refuses();
    fires({ type });
    server.refuses();
    expect(tokens.fresh()).toBe(0);
    fires({ type });
    expect(tokens.fresh()).toBe(1);
    server.accepts();
    expect(connection.status).toBe('open');
  });

  it('is renewed by people alone where nothing retries by itself', () => {
    const { connection, server, tokens } = withTokens({ maxRetries: 0 });
    server.refuses();
    connection.retry();
    server.refuses();
    connection.connect({ userId: 'ada' });
    expect(tokens.fresh()).toBe(1);
    server.accepts();
    expect(connection.status).toBe('open');
  });

  it('costs a bounded number of tokens in a storm of signals', () => {
    const { server, clock, fires, tokens } = withTokens();
    server.isDown();
    for (let second = 0; second < 600; second += 1) {
      for (const type of ['network.lost', 'network.restored', 'page.shown'] as const) fires({ type });
      if (server.latest.readyState === 0) server.refuses();
      clock.passes(1_000);
    }
    expect(tokens.asked.length).toBeLessThanOrEqual(10 * 10);
    expect(tokens.fresh()).toBeLessThanOrEqual(tokens.asked.length / 2);
  });
});

describe('a token that was rejected', () => {
  it.each(['retry', 'connect'])('is asked for as "refresh" when the same user tries again by %s', (wish) => {
    const { connection, server, clock, tokens } = withTokens();
    server.accepts();
    clock.passes(6_000);
    server.closes(4401);
    server.accepts();
    server.closes(4401);
    expect(connection.getSnapshot().failure).toBe('rejected');
    const before = tokens.fresh();
    if (wish === 'retry') connection.retry();
    else connection.connect({ userId: 'ada' });
    expect(tokens.fresh()).toBe(before + 1);
  });

  it('says nothing of the next user, nor of one who was logged out between', () => {
    const { connection, server, tokens } = withTokens();
    server.accepts();
    server.closes(4403);
    connection.connect({ userId: 'ben' });
    expect(tokens.asked.at(-1)?.reason).toBe('connect');
    server.accepts();
    server.closes(4403);
    connection.logout();
    connection.connect({ userId: 'ben' });
    expect(tokens.asked.at(-1)?.reason).toBe('connect');
  });
});

describe('a server that ignores the ping', () => {
  const heartbeat = { intervalMs: 14_000, timeoutMs: 5_000, ping: () => '{"type":"PING"}' };
  const withPing = () => {
    const scenario = createScenario({ heartbeat });
    scenario.connection.connect({ userId: 'ada' });
    /** Lets it live for as long as this: each socket opens, and none is heard. */
    const lives = (ms: number): void => {
      const { clock, connection, server } = scenario;
      for (const end = clock.now() + ms; clock.now() < end; clock.passes(100)) {
        if (connection.status === 'connecting') server.accepts();
      }
    };
    return { ...scenario, lives };
  };

  it('is dialled again at once, then waited for longer and longer, and at last given up', () => {
    const { connection, lives } = withPing();
    const seen: (number | string)[] = [];
    for (let minute = 1; minute <= 15; minute += 1) {
      lives(60_000);
      seen.push(connection.getSnapshot().failure ?? connection.getSnapshot().retryCount);
    }
    expect(seen.slice(0, 3)).toEqual([2, 4, 7]);
    expect(seen.at(-1)).toBe('exhausted');
  });

  it('is a server like others again as soon as it answers', () => {
    const { connection, server, clock, lives } = withPing();
    lives(60_000);
    expect(connection.getSnapshot().retryCount).toBeGreaterThan(0);
    while (server.received.length === 0) lives(100);
    server.sends({ type: 'PONG' });
    expect(connection.getSnapshot()).toMatchObject({ status: 'open', retryCount: 0 });
    clock.passes(15_000);
    expect(server.received.length).toBeGreaterThan(1);
  });
});
