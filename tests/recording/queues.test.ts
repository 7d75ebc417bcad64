import { flightRecorder, type Recording, readRecording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { outboxMachine } from 'statesocket/machines';
import { createScenario, replay } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { initialTransition } from 'xstate';
import { momentsOf } from '../../src/inspect/moments.ts';
import { parseRecording } from '../../src/inspect/parse-recording.ts';
import { QUEUE_BEGINNING } from '../../src/recording/recording.ts';

const SECRETS = ['ada-lovelace', 'ben-secret', 'a-payload'];

/** Ada says something that is not delivered, Ben comes, Ada is back, and both queues come to an end. */
const twoUsers = (maxTransitions = 1_000) => {
  const { connection, server } = createScenario({
    recorder: flightRecorder({ maxTransitions }),
    delivery: durableDelivery({ durable: () => true }),
  });
  const recording = (): Recording => {
    const found = connection.recording();
    if (found === null) throw new Error('nothing is recorded');
    return found;
  };
  connection.connect({ userId: 'ada-lovelace' });
  server.accepts();
  server.welcomes();
  connection.send({ type: 'CHAT', text: 'a-payload' });
  connection.connect({ userId: 'ben-secret' });
  const between = recording();
  connection.connect({ userId: 'ada-lovelace' });
  connection.logout();
  return { between, recording, connection };
};

/** The steps of the queues, and of the delivery chart those that begin and end them. */
const saidOfQueues = (recording: Recording): readonly string[] =>
  readRecording(recording)
    .filter(({ event }) => event.chart.startsWith('outbox') || event.queue !== undefined)
    .map(
      ({ event: { chart, type, queue }, state }) =>
        `${chart}: ${type}${queue === undefined ? '' : ` ${queue}`}, ${JSON.stringify(state)}`,
    );

describe('a recording of queues of durable messages', () => {
  it('has the steps of each, and says whose none of them is', () => {
    const { recording } = twoUsers();
    expect(saidOfQueues(recording())).toEqual([
      'delivery: queue.begun 1, "waiting"',
      'outbox 1: store.read, {"here":"parked"}',
      'outbox 1: link.welcomed, {"here":"flowing"}',
      'outbox 1: link.lost, {"here":"parked"}',
      'outbox 1: user.left, "left"',
      'delivery: queue.begun 2, "waiting"',
      'outbox 2: store.read, {"here":"parked"}',
      'outbox 2: user.left, "left"',
      'outbox 2: all.stored, "over"',
      'delivery: queue.over 2, "waiting"',
      'outbox 1: user.returned, {"here":{"loading":"parked"}}',
      'outbox 1: store.read, {"here":"parked"}',
      'outbox 1: user.loggedOut, {"clearing":"storing"}',
      'outbox 1: all.stored, "over"',
      'delivery: queue.over 1, "waiting"',
    ]);
    for (const secret of SECRETS) expect(JSON.stringify(recording())).not.toContain(secret);
  });

  it('begins with the queues that there are, and is followed from there', () => {
    const { recording, between } = twoUsers(6);
    expect(between.start).not.toHaveProperty('outbox 2');
    expect(between.start['outbox 1']).toBeDefined();
    expect(replay(between)).toBeNull();
    const whole = recording();
    expect(whole.steps).toHaveLength(6);
    expect(replay(whole)).toBeNull();
    const last = momentsOf(whole).at(-1);
    expect(Object.keys(last?.states ?? {})).toEqual(['connection', 'delivery']);
  });

  it('is replayed, and found to differ from another chart', () => {
    const { recording } = twoUsers();
    expect(replay(recording())).toBeNull();
    const hasty = outboxMachine.provide({ guards: { areVerdictsKept: () => false } });
    expect(replay(recording(), { outboxMachine: hasty })).toMatchObject({
      event: { chart: 'outbox 1', type: 'link.welcomed' },
      what: 'state',
      replayed: { here: 'keeping' },
    });
  });

  it('shows each queue at each moment, while it is there', () => {
    const { recording } = twoUsers();
    const shown = momentsOf(recording()).map(({ states }) =>
      Object.keys(states).filter((name) => name.startsWith('outbox')),
    );
    expect(new Set(shown.map((names) => names.join()))).toEqual(
      new Set(['', 'outbox 1', 'outbox 1,outbox 2']),
    );
    const flowing = momentsOf(recording()).find(({ states }) => states['outbox 1']?.has('here.flowing'));
    expect(flowing?.transitions['outbox 1']).toEqual(
      new Set(['here: link.welcomed [areVerdictsKept] → here.flowing']),
    );
  });

  it('can be pasted; a step of a queue that does not run is refused', () => {
    const { recording } = twoUsers();
    expect(parseRecording(JSON.stringify(recording()))).toHaveProperty('recording');
    const withoutBeginning = JSON.stringify(recording()).replaceAll('"queue":1', '"queue":7');
    expect(parseRecording(withoutBeginning)).toEqual({ fault: expect.stringContaining('damaged') });
    const oddState = { ...recording(), start: { ...recording().start, 'outbox 3': 7 } };
    expect(parseRecording(JSON.stringify(oddState))).toEqual({
      fault: expect.stringContaining('another form'),
    });
  });

  it('knows where the chart of a queue begins', () => {
    expect(initialTransition(outboxMachine, { queue: 1 })[0].value).toEqual(QUEUE_BEGINNING);
  });

  it('takes what is fired by hand for what it may be: a number, or nothing', () => {
    const { connection, recording } = twoUsers();
    const { delivery } = connection.actor.getSnapshot().children;
    delivery?.send({ type: 'queue.over', queue: 'ada-lovelace' });
    expect(readRecording(recording()).at(-1)?.event).toEqual({ chart: 'delivery', type: 'queue.over' });
  });
});

describe('a recording of version 2', () => {
  it('is read, replayed and shown', () => {
    const { connection, server } = createScenario({ delivery: durableDelivery() });
    connection.connect({ userId: 'ada-lovelace' });
    server.accepts();
    server.welcomes();
    server.resumes();
    const recording = connection.recording();
    expect(JSON.stringify(recording?.changes)).toContain('supportsDelivery');
    const old = JSON.stringify({ ...recording, version: 2 }).replaceAll('supportsDelivery', 'isKnownSpeaker');
    const older: Recording = JSON.parse(old);
    expect(replay(older)).toBeNull();
    expect(readRecording(older)).toEqual(readRecording(recording as Recording));
    expect(parseRecording(old)).toEqual({ recording });
    expect(momentsOf(older).at(-1)?.facts.supportsDelivery).toBe(true);
  });
});
