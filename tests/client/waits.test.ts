import { configureStore } from '@reduxjs/toolkit';
import { type ConnectionSnapshot, readRecording } from 'statesocket';
import { CONNECTION_WAITS, connectionMachine } from 'statesocket/machines';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createScenario, replay, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { parseRecording } from '../../src/inspect/parse-recording.ts';

const DIAL_MS = 10_000;

const connecting = (options: ScenarioOptions<{ type: string }> = {}) => {
  const scenario = createScenario({ backoff: () => 4_000, ...options });
  scenario.connection.connect({ userId: 'ada' });
  return scenario;
};

const open = (options: ScenarioOptions<{ type: string }> = {}) => {
  const scenario = connecting(options);
  scenario.server.accepts();
  return scenario;
};

type Lost = ReturnType<typeof open>;

/** What leads to each wait, and how long it is. */
const LOSSES: Record<(typeof CONNECTION_WAITS)[number], { ms: number; lose(): Lost }> = {
  retry: {
    ms: 4_000,
    lose() {
      const lost = open();
      lost.network.cuts();
      return lost;
    },
  },
  advised: {
    ms: 30_000,
    lose() {
      const lost = open();
      lost.server.closes(4429);
      return lost;
    },
  },
  spread: {
    ms: 500,
    lose() {
      const lost = open({ backoff: Object.assign(() => 4_000, { spreadMs: 1_000 }) });
      lost.clock.passes(5_000);
      lost.server.closes(1012);
      return lost;
    },
  },
  throttled: {
    ms: 60_000 + DIAL_MS - 1_000,
    lose() {
      const lost = connecting();
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        lost.clock.passes(100);
        lost.server.refuses();
        lost.connection.retry();
      }
      return lost;
    },
  },
  offline: {
    ms: 30_000,
    lose() {
      const lost = connecting();
      lost.fires({ type: 'network.lost' });
      lost.server.refuses();
      return lost;
    },
  },
  suspended: {
    ms: 30_000,
    lose() {
      const lost = open();
      lost.page.freezes();
      return lost;
    },
  },
};

describe('a person is told what is waited for', () => {
  it.each(CONNECTION_WAITS)('and until when: %s', (why) => {
    const { ms, lose } = LOSSES[why];
    const { connection, clock } = lose();
    const { wait, nextRetryAt, status } = connection.getSnapshot();
    expect([status, wait]).toEqual(['backoff', { why, until: clock.now() + ms }]);
    expect(nextRetryAt).toBe(wait?.until);
    clock.passes(ms - 1);
    expect(connection.getSnapshot().wait).toBe(wait);
    clock.passes(1);
    expect([connection.status, connection.getSnapshot().wait]).toEqual(['connecting', null]);
    expect(connection.getSnapshot().nextRetryAt).toBeNull();
  });

  it('in words that every state of backoff has one of, and no other state', () => {
    const waits = (id: string) =>
      (connectionMachine.getStateNodeById(`connection.${id}`).tags as readonly string[]).filter((tag) =>
        (CONNECTION_WAITS as readonly string[]).includes(tag),
      );
    const { states } = connectionMachine.getStateNodeById('connection.backoff');
    expect(Object.keys(states).flatMap((name) => waits(`backoff.${name}`))).toEqual([...CONNECTION_WAITS]);
    for (const id of ['idle', 'loggedOut', 'socket', 'failed']) expect(waits(id)).toEqual([]);
  });

  it('which is frozen, and the same object until the wait is another', () => {
    const { connection, clock, server, fires } = LOSSES.retry.lose();
    const first = connection.getSnapshot();
    expect(Object.isFrozen(first.wait)).toBe(true);
    fires({ type: 'network.lost' });
    expect(connection.getSnapshot()).toBe(first);
    clock.passes(4_000);
    server.refuses();
    expect(connection.getSnapshot().wait).toEqual({ why: 'offline', until: clock.now() + 30_000 });
  });

  it('again for each wait, though it is of the same kind and length', () => {
    const { connection, clock, server } = LOSSES.retry.lose();
    const first = connection.getSnapshot().wait;
    clock.passes(4_000);
    server.refuses();
    expect(connection.getSnapshot().wait).toEqual({ why: 'retry', until: (first?.until ?? 0) + 4_000 });
  });

  it('of the oldest attempt that is not refunded yet, however many refunds there were', () => {
    const { connection, clock, server } = LOSSES.throttled.lose();
    for (let refund = 1; refund <= 25; refund += 1) {
      const { wait } = connection.getSnapshot();
      expect(wait?.why).toBe('throttled');
      clock.passes((wait?.until ?? 0) - clock.now());
      expect(connection.status).toBe('connecting');
      server.refuses();
      connection.retry();
    }
  });

  it.each(['disposed of', 'crashed'])('and of nothing once the connection is %s', (end) => {
    const { connection } = LOSSES.retry.lose();
    if (end === 'crashed') {
      connection.onError(() => {});
      const { settings } = connection.actor.getSnapshot().context;
      Object.defineProperty(settings, 'backoff', {
        get: () => {
          throw new Error('boom');
        },
      });
      connection.actor.send({ type: 'page.suspended' });
      connection.retry();
      connection.actor.send({ type: 'socket.closed', code: 1006, reason: '', wasClean: false });
    } else connection.dispose();
    expect(connection.getSnapshot()).toMatchObject({ wait: null, nextRetryAt: null });
  });
});

describe('a connection that never gives up (maxRetries: Infinity)', () => {
  const lostFor = (retries: number) => {
    const lost = connecting({ maxRetries: Number.POSITIVE_INFINITY, backoff: () => 8_000 });
    for (let retry = 1; retry <= retries; retry += 1) {
      lost.server.refuses();
      lost.clock.passes(8_000);
    }
    return lost;
  };

  it('is still trying after 200 retries', () => {
    const { connection } = lostFor(200);
    expect(connection.getSnapshot()).toMatchObject({
      status: 'connecting',
      retryCount: 200,
      maxRetries: null,
    });
  });

  it('is plain data in its snapshot and in a store, to and from JSON', () => {
    const { connection } = lostFor(3);
    const store = configureStore({ reducer: { connection: connectionSlice.reducer } });
    bridgeToRedux(connection, store.dispatch, {});
    const snapshot: ConnectionSnapshot = connection.getSnapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(store.getState().connection).toEqual(snapshot);
    expect(JSON.parse(JSON.stringify(store.getState()))).toEqual(store.getState());
  });

  it('is recorded, opened by the inspector, and replayed without a difference, from JSON', () => {
    const { connection } = lostFor(30);
    const text = JSON.stringify(connection.recording());
    expect(parseRecording(text)).not.toHaveProperty('fault');
    const recording = JSON.parse(text);
    expect(readRecording(recording).length).toBeGreaterThan(60);
    expect(replay(recording)).toBeNull();
  });

  it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY, '20', 2 ** 31])(
    'takes no %s for a number of retries',
    (maxRetries) => {
      expect(() => createScenario({ maxRetries: maxRetries as number })).toThrow(
        'maxRetries must be a number from 0 to 2147483647, or Infinity to never give up.',
      );
    },
  );
});
