import { exponentialBackoff, flightRecorder, type Recording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { connectionMachine } from 'statesocket/machines';
import { connectionPaths, createChartCoverage, createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createMomentFollower, idsOf, type Moment, momentsOf } from '../../src/inspect/moments.ts';
import { parseRecording } from '../../src/inspect/parse-recording.ts';
import { PICTURES } from '../../src/inspect/picture/pictures.ts';
import {
  describeEnd,
  describeEvent,
  describeMs,
  latenciesOf,
  leavesOf,
} from '../../src/inspect/step-words.ts';

const set = (maxTransitions?: number) => {
  const scenario = createScenario({
    backoff: exponentialBackoff({ baseMs: 2_000, jitter: 'none' }),
    delivery: durableDelivery(),
    ...(maxTransitions === undefined ? {} : { recorder: flightRecorder({ maxTransitions }) }),
  });
  const recording = (): Recording => {
    const found = scenario.connection.recording();
    if (found === null) throw new Error('nothing is recorded');
    return found;
  };
  return { ...scenario, recording, last: (): Moment => momentsOf(recording()).at(-1) as Moment };
};

/** Opens, is cut, waits. */
const live = (scenario: ReturnType<typeof set>) => {
  const { connection, server, clock } = scenario;
  connection.connect({ userId: 'ada' });
  clock.passes(40);
  server.accepts();
  clock.passes(1_000);
  server.closes(1006);
  clock.passes(500);
};

/** The person does not wait; it opens, and is cut again. */
const again = ({ connection, server, clock }: ReturnType<typeof set>) => {
  connection.retry();
  server.accepts();
  clock.passes(1_000);
  server.closes(1006);
};

describe('the moments of a recording', () => {
  it('tell the active states, from the outermost to the innermost', () => {
    expect(idsOf({ socket: { open: { stability: 'settling', liveness: { watched: 'alive' } } } })).toEqual([
      'socket',
      'socket.open',
      'socket.open.stability',
      'socket.open.stability.settling',
      'socket.open.liveness',
      'socket.open.liveness.watched',
      'socket.open.liveness.watched.alive',
    ]);
    const scenario = set();
    live(scenario);
    expect(leavesOf(scenario.last().states.connection)).toEqual(['backoff.waiting']);
    expect(scenario.last().status).toBe('backoff');
  });

  it('tell every transition that a step took, the transient ones with their guards', () => {
    const scenario = set();
    live(scenario);
    expect([...scenario.last().transitions.connection]).toEqual([
      'socket: socket.closed → closed',
      'closed: always → lost',
      'lost: always [hasRetriesLeft] → backoff.waiting',
    ]);
  });

  it('have names that the picture draws, whatever happens', async () => {
    const drawn = new Set(
      Object.values(PICTURES).flatMap(({ arrows, states }) => [
        ...arrows.flatMap(({ transitions }) => transitions),
        ...states.flatMap(({ lines }) => lines.flatMap(({ transition }) => transition ?? [])),
      ]),
    );
    const moments: Moment[] = [];
    for (const path of connectionPaths()) {
      const { connection, clock, fires } = createScenario(path.options);
      await path.run({ fires, passes: clock.passes, status: () => connection.status });
      moments.push(...momentsOf(connection.recording() as Recording));
    }
    const taken = new Set(
      moments.flatMap(({ transitions }) => [...transitions.connection, ...transitions.delivery]),
    );
    // What happens at the end is not recorded.
    const end = 'any state: user.dispose → disposed';
    expect(
      createChartCoverage(connectionMachine)
        .all()
        .filter((name) => !taken.has(name)),
    ).toEqual([end]);
    expect(drawn).toContain(end);
    expect([...taken].filter((name) => !drawn.has(name))).toEqual([]);
    const states = new Set(Object.values(PICTURES).flatMap((picture) => picture.states.map(({ id }) => id)));
    const active = new Set(
      moments.flatMap((moment) => [...moment.states.connection, ...moment.states.delivery]),
    );
    expect([...active].filter((id) => !states.has(id))).toEqual([]);
  });

  it('tell which delays run, and since when', () => {
    const scenario = set();
    live(scenario);
    expect(scenario.last().delays).toEqual([
      { chart: 'connection', name: 'budget.refunded', setAtMs: 0, dueAtMs: 70_000 },
      { chart: 'connection', name: 'retryDelay', setAtMs: 1_040, dueAtMs: 3_040 },
    ]);
    scenario.clock.passes(2_000);
    expect(scenario.last().delays.map(({ name }) => name)).toEqual([
      'budget.refunded',
      'budget.refunded',
      'connectDeadline',
    ]);
    scenario.clock.passes(70_000);
    expect(scenario.last().delays.filter(({ dueAtMs }) => dueAtMs < scenario.last().atMs)).toEqual([]);
  });

  it('come one by one as the connection goes on, as they come all at once', () => {
    const scenario = set();
    const { connection, server, clock } = scenario;
    const follower = createMomentFollower();
    const followed = [follower.follow(scenario.recording())];
    connection.connect({ userId: 'ada' });
    followed.push(follower.follow(scenario.recording()));
    server.accepts();
    clock.passes(6_000);
    followed.push(follower.follow(scenario.recording()));
    expect(followed.map(({ length }) => length)).toEqual([1, 2, 6]);
    expect(follower.follow(scenario.recording())).toBe(followed.at(-1));
    expect(followed.at(-1)).toEqual(momentsOf(scenario.recording()));
  });

  it('say that older delays may run where the recording begins in the midst of them', () => {
    const scenario = set(3);
    live(scenario);
    expect(scenario.last().mayHaveOlderDelays).toBe(true);
    const whole = set();
    live(whole);
    expect(whole.last().mayHaveOlderDelays).toBe(false);
  });

  it('begin again where steps in between were dropped', () => {
    const scenario = set(3);
    const follower = createMomentFollower();
    follower.follow(scenario.recording());
    live(scenario);
    again(scenario);
    const moments = follower.follow(scenario.recording());
    expect(moments).toHaveLength(4);
    expect(moments[0]).toMatchObject({ step: null, index: scenario.recording().droppedCount - 1 });
    expect(moments.at(-1)?.status).toBe('backoff');
  });

  it('keep as many as were asked for', () => {
    const scenario = set();
    live(scenario);
    again(scenario);
    const moments = createMomentFollower(2).follow(scenario.recording());
    expect(moments.map(({ index }) => index)).toEqual([
      scenario.recording().steps.length - 2,
      scenario.recording().steps.length - 1,
    ]);
  });

  it('say where the chart of today leads elsewhere, and go on from what was recorded', () => {
    const scenario = set();
    live(scenario);
    scenario.clock.passes(5_000);
    const recording = scenario.recording();
    const before = momentsOf(recording);
    expect(before.some(({ isOtherwise }) => isOtherwise)).toBe(false);
    const at = recording.states.findIndex((state) => JSON.stringify(state) === '{"backoff":"waiting"}');
    const states = recording.states.map((state, index) => (index === at ? { failed: 'exhausted' } : state));
    const moments = momentsOf({ ...recording, states });
    const otherwise = moments.find(({ isOtherwise }) => isOtherwise);
    expect(otherwise).toMatchObject({ status: 'failed' });
    expect(otherwise?.transitions.connection.size).toBe(0);
    expect(moments).toHaveLength(before.length);
  });
});

describe('words', () => {
  it('say a close by its code and meaning, another end by its cause', () => {
    expect(describeEnd(null)).toBe('No socket has ended yet.');
    expect(describeEnd({ cause: 'closed', code: 1006, wasClean: false })).toBe(
      '1006, not clean: The connection was lost.',
    );
    expect(describeEnd({ cause: 'closed', code: 4401, wasClean: true })).toBe(
      '4401: The session has expired.',
    );
    expect(describeEnd({ cause: 'silent', code: null, wasClean: null })).toBe('The server fell silent.');
  });

  it('say an event with what it carried', () => {
    const said = (event: Omit<Parameters<typeof describeEvent>[0], 'chart'>) =>
      describeEvent({ chart: 'connection', ...event });
    expect(said({ type: 'socket.closed', code: 1012, wasClean: true })).toBe(
      'socket.closed 1012: The server is restarting.',
    );
    expect(said({ type: 'xstate.after.retryDelay.connection.backoff.waiting' })).toBe('after retryDelay');
    expect(said({ type: 'user.connect', isSameUser: true })).toBe('user.connect (the same user)');
    expect(said({ type: 'attempt.failed', cause: 'token' })).toBe('attempt.failed (token)');
    const closed = { type: 'socket.closed', code: 1006, wasClean: false };
    expect(said({ ...closed, failure: { why: 'http', httpStatus: 401 } })).toBe(
      'socket.closed 1006, not clean: The connection was lost. (http 401)',
    );
    expect(said({ ...closed, failure: { why: 'dns', httpStatus: null } })).toContain('lost. (dns)');
    expect(said({ type: 'link.broken', why: 'version' })).toBe('link.broken (version)');
    expect(said({ type: 'heartbeat.armed', canAsk: true })).toBe('heartbeat.armed (it can be asked)');
  });

  it('say times as people read them', () => {
    expect([0, 340, 12_340, 65_000].map(describeMs)).toEqual(['0 ms', '340 ms', '12.3 s', '1 min 5 s']);
  });

  it('say how long the last dial took, and nothing where none was', () => {
    const scenario = set();
    expect(latenciesOf(momentsOf(scenario.recording())).openMs).toBeNull();
    live(scenario);
    scenario.clock.passes(2_000);
    scenario.clock.passes(70);
    scenario.server.accepts();
    const { openMs, probeMs, resumeMs } = latenciesOf(momentsOf(scenario.recording()));
    expect(openMs).toBe(570);
    expect([probeMs, resumeMs]).toEqual([null, null]);
  });
});

describe('a text that was pasted', () => {
  it('is a recording where it is one', () => {
    const scenario = set();
    live(scenario);
    const parsed = parseRecording(JSON.stringify(scenario.recording()));
    expect(parsed).toEqual({ recording: scenario.recording() });
  });

  it.each([
    ['no JSON', 'hello', 'It is not JSON'],
    ['null', 'null', 'another form'],
    ['another object', '{"version":2}', 'another form'],
    ['a later version', '{"version":4}', 'version 4'],
    ['a list', '[]', 'another form'],
    ['too long', ' '.repeat(2_000_001), 'too long'],
  ])('is refused with a word where it is %s', (_what, text, words) => {
    expect(parseRecording(text)).toEqual({ fault: expect.stringContaining(words) });
  });

  it.each<[string, (recording: Recording) => unknown]>([
    ['counters', (recording) => ({ ...recording, counters: {} })],
    ['a count', ({ counters, ...rest }) => ({ ...rest, counters: { ...counters, framesIn: null } })],
    ['the facts', ({ start, ...rest }) => ({ ...rest, start: { ...start, facts: {} } })],
    [
      'a fact',
      ({ start, ...rest }) => ({ ...rest, start: { ...start, facts: { ...start.facts, end: {} } } }),
    ],
    ['a change', (recording) => ({ ...recording, changes: [null] })],
    ['a changed fact', (recording) => ({ ...recording, changes: [{ retryCount: { toString: null } }] })],
    ['delays', ({ steps, ...rest }) => ({ ...rest, steps: steps.map((step) => step.slice(0, 4)) })],
    ['an event', ({ events, ...rest }) => ({ ...rest, events: events.map(() => ({ type: {} })) })],
    [
      'a cause',
      ({ events, ...rest }) => ({ ...rest, events: events.map((event) => ({ ...event, cause: {} })) }),
    ],
    ['events', (recording) => ({ ...recording, events: [] })],
    ['a state', ({ start, ...rest }) => ({ ...rest, start: { ...start, connection: 'nowhere' } })],
    ['states', (recording) => ({ ...recording, states: [null] })],
    ['steps', ({ steps, ...rest }) => ({ ...rest, steps: Array.from({ length: 10_001 }, () => steps[0]) })],
  ])('is refused where it has something else for %s', (_what, mutate) => {
    const scenario = set();
    live(scenario);
    const text = JSON.stringify(mutate(scenario.recording()));
    expect(parseRecording(text)).toEqual({ fault: expect.stringMatching(/another form|damaged|too many/) });
  });
});
