import {
  createConnection,
  exponentialBackoff,
  flightRecorder,
  type RecordedStep,
  type Recording,
  readRecording,
} from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const TOKEN = crypto.randomUUID();
const SECRETS = [TOKEN, 'ada-lovelace', 'redngift.test', 'a-close-reason', 'a-payload'];

const set = (options: ScenarioOptions<{ type: string }> = {}) => {
  const scenario = createScenario({
    url: ({ token }) => `wss://redngift.test/connect/${token}/`,
    getToken: () => TOKEN,
    backoff: () => 1_000,
    delivery: durableDelivery(),
    ...options,
  });
  const recording = (maxTransitions?: number): Recording => {
    const found = scenario.connection.recording(
      maxTransitions === undefined ? undefined : { maxTransitions },
    );
    if (found === null) throw new Error('nothing is recorded');
    return found;
  };
  const steps = (): readonly RecordedStep[] => readRecording(recording());
  /** `0 user.connect`: when, and what. */
  const said = (chart = 'connection') =>
    steps()
      .filter(({ event }) => event.chart === chart)
      .map(({ atMs, event }) => `${atMs} ${event.type.replace(/(after\.\w+).*/, '$1')}`);
  return { ...scenario, recording, steps, said };
};

describe('the flight recorder', () => {
  it('tells what happened, when, and what came of it', () => {
    const { connection, server, clock, steps, said } = set();
    connection.connect({ userId: 'ada-lovelace' });
    clock.passes(200);
    server.accepts();
    clock.passes(1_000);
    server.closes(1006, 'a-close-reason');
    clock.passes(1_000);
    expect(said()).toEqual([
      '0 user.connect',
      '200 socket.opened',
      '1200 socket.closed',
      '2200 xstate.after.retryDelay',
    ]);
    expect(said('delivery')).toEqual(['200 socket.opened', '1200 socket.ended']);
    expect(steps().find(({ event }) => event.type === 'socket.closed')).toEqual({
      atMs: 1_200,
      event: { chart: 'connection', type: 'socket.closed', code: 1006, wasClean: false },
      state: { backoff: 'waiting' },
      change: { end: { cause: 'closed', code: 1006, wasClean: false } },
      delaysMs: [1_000],
      drawnMs: 1_000,
    });
    expect(steps().at(-1)).toMatchObject({
      state: { socket: 'connecting' },
      change: { retryCount: 1, connectBudget: 8 },
      delaysMs: [70_000, 10_000],
    });
  });

  it('has the delays as they were drawn, and what classifyClose said', () => {
    const draws = [0.25, 0.75];
    const { connection, server, clock, steps } = set({
      backoff: exponentialBackoff({ baseMs: 500, growth: 2, jitter: 'full' }),
      random: () => draws.shift() ?? 0.5,
      classifyClose: ({ code }) => (code === 4900 ? { then: 'backoff', minDelayMs: 9_000 } : undefined),
    });
    connection.connect({ userId: 'ada-lovelace' });
    server.refuses();
    clock.passes(125);
    server.accepts();
    server.closes(4900);
    expect(steps().flatMap(({ drawnMs }) => drawnMs ?? [])).toEqual([125, 750]);
    expect(steps().findLast(({ event }) => event.type === 'socket.closed')).toMatchObject({
      event: { code: 4900, said: { then: 'backoff', minDelayMs: 9_000 } },
      delaysMs: [9_000],
    });
  });

  it('counts what passes the socket, what waits and what was applied', () => {
    const { connection, server, clock, recording } = set({
      delivery: durableDelivery({ durable: ({ type }) => type === 'CHAT' }),
    });
    connection.on('NEWS', () => undefined);
    connection.connect({ userId: 'ada-lovelace' });
    server.accepts();
    clock.passes(2_000);
    server.sends({ type: 'NEWS' });
    connection.sendBinary(new ArrayBuffer(5));
    server.closes(1006);
    connection.send({ type: 'CHAT', text: 'a-payload' });
    expect(recording().counters).toEqual({
      framesIn: 1,
      lengthIn: '{"type":"NEWS"}'.length,
      framesOut: 1,
      lengthOut: 5,
      outboxCount: 1,
      appliedCount: 0,
    });
  });

  it('holds no message, token, URL, user or close reason (I13)', () => {
    const { connection, server, clock, recording } = set({
      delivery: durableDelivery({ durable: () => true }),
    });
    connection.connect({ userId: 'ada-lovelace' });
    server.accepts();
    server.sends({ type: 'NEWS', text: 'a-payload' });
    clock.passes(6_000);
    connection.send({ type: 'CHAT', text: 'a-payload' });
    server.closes(4403, 'a-close-reason');
    const byHand = { type: 'socket.closed', code: TOKEN, reason: TOKEN, wasClean: TOKEN };
    connection.actor.send(byHand as never);
    connection.actor.send({ type: TOKEN } as never);
    connection.actor.send({ type: 'link.broken', why: TOKEN } as never);
    const json = JSON.stringify(recording());
    expect(json).toContain('4403');
    for (const secret of SECRETS) expect(json).not.toContain(secret);
  });

  it('an event fired by hand with a getter that throws, which the chart does not read, changes nothing', () => {
    const { connection, said } = set();
    const defect = {
      type: 'socket.closed',
      get code(): number {
        throw new Error('defect');
      },
    };
    connection.actor.send(defect as never);
    expect(connection.status).toBe('idle');
    expect(said()).toEqual(['0 socket.closed']);
  });

  it('says whether it is the same user who connects, not who', () => {
    const { connection, steps } = set();
    connection.connect({ userId: 'ada-lovelace' });
    connection.connect({ userId: 'ada-lovelace' });
    connection.connect({ userId: 'ben' });
    expect(steps().map(({ event }) => event.isSameUser)).toEqual([false, true, false]);
  });

  it('keeps the last steps, and tells where they begin', () => {
    const { connection, server, clock, recording } = set({ recorder: flightRecorder({ maxTransitions: 3 }) });
    connection.connect({ userId: 'ada-lovelace' });
    server.refuses();
    clock.passes(1_000);
    server.accepts();
    const { droppedCount, start, steps } = recording();
    expect(steps).toHaveLength(3);
    expect(droppedCount).toBe(2);
    expect(start).toMatchObject({
      connection: { backoff: 'waiting' },
      delivery: 'waiting',
      facts: { hasUser: true, retryCount: 0, connectBudget: 9 },
    });
    expect(recording(1).steps).toEqual([steps.at(-1)?.with(1, 0).with(2, 0).with(3, 0)]);
    expect(recording(1)).toMatchObject({
      droppedCount: 4,
      start: { connection: { socket: { open: { stability: 'settling' } } }, facts: { retryCount: 1 } },
    });
  });

  it('begins where the charts begin', () => {
    const { connection, recording } = set();
    const { value, context } = connection.actor.getSnapshot();
    expect(recording().start).toMatchObject({
      connection: value,
      delivery: connection.delivery.getSnapshot().status,
      facts: { retryCount: context.retryCount, connectBudget: context.connectBudget, end: null },
    });
    expect(recording().steps).toEqual([]);
  });

  it('can still be read after a crash and after dispose', () => {
    const { connection, said } = set();
    connection.connect({ userId: 'ada-lovelace' });
    connection.dispose();
    expect(said()).toEqual(['0 user.connect']);
  });

  it('takes less than 64 KiB of JSON for 1,000 steps of nothing but failures', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { connection, server, clock, recording } = set({
      maxRetries: 1_000_000,
      random,
      backoff: exponentialBackoff(),
    });
    connection.connect({ userId: 'ada-lovelace' });
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (connection.status === 'connecting') {
        if (random() < 0.7) server.refuses();
        else {
          server.accepts();
          clock.passes(random() * 10_000);
          server.closes([1006, 1001, 1013, 4401, 4429][Math.floor(random() * 5)] ?? 1006);
        }
      }
      clock.passes(random() * 30_000);
      if (connection.status === 'failed') connection.retry();
    }
    expect(recording().steps).toHaveLength(1_000);
    expect(recording().droppedCount).toBeGreaterThan(0);
    expect(JSON.stringify(recording()).length).toBeLessThan(64 * 1_024);
  });

  it('is not there where the app has none', () => {
    const { WebSocket } = createFakeServer();
    const connection = createConnection({ url: 'wss://a.test', WebSocket });
    connection.connect({ userId: 'ada-lovelace' });
    expect(connection.status).toBe('connecting');
    expect(connection.recording()).toBeNull();
    expect(connection.recording({ maxTransitions: 7 })).toBeNull();
  });

  it('may be one value for several connections: each records its own steps', () => {
    const recorder = flightRecorder();
    const [first, second] = [set({ recorder }), set({ recorder })];
    first.connection.connect({ userId: 'ada-lovelace' });
    expect(first.said()).toEqual(['0 user.connect']);
    expect(second.said()).toEqual([]);
  });

  it('was an option with settings before: that is refused, with what to write (bad-option)', () => {
    const { WebSocket } = createFakeServer();
    for (const old of [
      { recording: { maxTransitions: 7 } },
      { recorder: { maxTransitions: 7 } },
      { recorder: true },
    ])
      expect(() => createConnection({ url: 'wss://a.test', WebSocket, ...(old as object) })).toThrow(
        expect.objectContaining({
          code: 'bad-option',
          message: expect.stringContaining('write recorder: flightRecorder({ maxTransitions: … })'),
        }),
      );
  });

  it.each([0, 1.5, 10_001, Number.NaN, '7', null])(
    'maxTransitions %s is refused (bad-option)',
    (maxTransitions) => {
      expect(() => flightRecorder({ maxTransitions } as never)).toThrow(
        expect.objectContaining({ code: 'bad-option' }),
      );
    },
  );
});

describe('readRecording', () => {
  it('refuses another version, and a recording that is damaged', () => {
    const { connection, recording } = set();
    connection.connect({ userId: 'ada-lovelace' });
    expect(() => readRecording({ ...recording(), version: 1 as never })).toThrow('version 1');
    expect(() => readRecording({ ...recording(), events: [] })).toThrow('damaged');
  });
});
