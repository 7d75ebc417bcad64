import { exponentialBackoff, flightRecorder, type Recording, readRecording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario, replay, type Scenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { chartMutants } from '../simulation/mutants/chart-mutants.ts';
import { loadMutant } from '../simulation/mutants/mutant.ts';

const chance = (begin: number) => {
  let seed = begin;
  return (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
};

/** As it comes out of a report. */
const recordingOf = ({ connection }: Pick<Scenario<{ type: string }>, 'connection'>): Recording =>
  JSON.parse(JSON.stringify(connection.recording()));

/** An evening with a phone: a server that restarts, a tunnel, a pocket, a token that ends, another user, a server that is gone. */
const anEvening = (options: ScenarioOptions<{ type: string }> = {}): Recording => {
  const scenario = createScenario({
    backoff: exponentialBackoff(),
    random: chance(7),
    maxRetries: 3,
    heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping: () => 'ping' },
    classifyClose: ({ code }) => (code === 4900 ? { then: 'refresh', minDelayMs: 2_000 } : undefined),
    ...options,
  });
  const { connection, server, clock, network, page } = scenario;
  const dials = (): void => {
    for (let waits = 0; connection.status !== 'open' && waits < 200; waits += 1) {
      if (connection.status === 'connecting') server.accepts();
      else clock.passes(500);
    }
  };
  connection.connect({ userId: 'ada' });
  server.refuses();
  dials();
  clock.passes(7_000);
  server.closes(1012);
  dials();
  server.closes(1000);
  dials();
  page.isShown();
  clock.passes(20_000);
  network.goesOffline();
  clock.passes(40_000);
  network.comesBack();
  dials();
  page.freezes();
  page.resumes();
  dials();
  clock.passes(6_000);
  server.closes(4900);
  dials();
  server.closes(4401);
  dials();
  connection.connect({ userId: 'ben' });
  connection.connect({ userId: 'ben' });
  clock.passes(100_000);
  connection.retry();
  server.refuses();
  connection.logout();
  connection.connect({ userId: 'ada' });
  server.isDown();
  clock.passes(200_000);
  return recordingOf(scenario);
};

describe('replay', () => {
  it('finds nothing in what today’s charts did, from the first step on', () => {
    const recording = anEvening();
    const types = new Set(readRecording(recording).map(({ event }) => event.type));
    expect(types).toContain('budget.refunded');
    expect(types).toContain('page.suspended');
    expect(readRecording(recording).at(-1)?.state).toEqual({ failed: 'exhausted' });
    expect(replay(recording)).toBeNull();
  });

  it.each([1, 5, 10, 17, 25, 40])(
    'finds nothing where only the last %s steps were kept',
    (maxTransitions) => {
      const recording = anEvening({ recorder: flightRecorder({ maxTransitions }) });
      expect(recording.droppedCount).toBeGreaterThan(0);
      expect(replay(recording)).toBeNull();
    },
  );

  it('finds nothing where a server of the extension is found, lost and late', () => {
    const scenario = createScenario({ delivery: durableDelivery({ server: 'statesocket' }) });
    const { connection, server, clock } = scenario;
    connection.connect({ userId: 'ada' });
    server.accepts();
    clock.sleeps(60_000);
    clock.passes(12_000);
    clock.passes(3_000);
    server.accepts();
    server.sends({ type: 'NEWS' });
    clock.passes(5_000);
    const recording = recordingOf(scenario);
    const delivered = readRecording(recording).filter(({ event }) => event.chart === 'delivery');
    expect(delivered.map(({ event }) => event.type.split('.').slice(0, 3).join('.'))).toContain(
      'xstate.after.negotiationLimit',
    );
    expect(replay(recording)).toBeNull();
  });

  const replaced = (recording: Recording, change: Partial<Recording>): Recording => ({
    ...recording,
    ...change,
  });

  it('finds the step whose state is not the recorded one', () => {
    const recording = anEvening();
    const [first, second, third, ...rest] = recording.steps;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too short');
    const forged = replaced(recording, {
      steps: [first, [second[0], second[1], first[2], second[3], second[4]], third, ...rest],
    });
    expect(replay(forged)).toMatchObject({
      index: 1,
      event: { type: 'socket.closed', code: 1006 },
      what: 'state',
      recorded: { socket: 'connecting' },
      replayed: { backoff: 'waiting' },
    });
  });

  it('finds the delay that ended before it was due', () => {
    const recording = anEvening();
    const index = readRecording(recording).findIndex(({ event }) => event.type.includes('retryDelay'));
    const steps = recording.steps.map((step, at) => (at === index ? ([0, ...step.slice(1)] as never) : step));
    expect(replay(replaced(recording, { steps }))).toMatchObject({ index, what: 'dueAtMs', recorded: 0 });
  });

  it('finds the settings that would have led another way', () => {
    const recording = anEvening();
    const settings = { ...recording.settings, maxRetries: 2 };
    expect(replay(replaced(recording, { settings }))).toMatchObject({
      what: 'state',
      recorded: { backoff: 'waiting' },
      replayed: { failed: 'exhausted' },
    });
  });

  it.each([
    ['retries without end', 'state'],
    ['count set to 0 on open', 'retryCount'],
    ['retry counted when it is planned', 'retryCount'],
    ['budget refunded too early', 'delaysMs'],
    ['same user not recognised', 'connectBudget'],
  ])('finds a chart with a defect: %s', async (name, what) => {
    const mutant = chartMutants.find((each) => each.name === name);
    if (mutant === undefined) throw new Error(`there is no mutant "${name}"`);
    const { connectionMachine } = await loadMutant(mutant);
    expect(replay(anEvening(), { connectionMachine })?.what).toBe(what);
  });
});
