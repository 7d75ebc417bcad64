import { type OutboxEvent, type OutboxPort, outboxMachine, outboxMachineOf } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';

const coverage = createChartCoverage(outboxMachine);

/** The chart of queue 7, with a port that writes down what it is asked to do. */
const startChart = (events: readonly OutboxEvent[] = []) => {
  const asked: string[] = [];
  const line = (kind: string) => () => {
    asked.push(`begins ${kind}`);
    return () => void asked.push(`ends ${kind}`);
  };
  const port: OutboxPort = {
    read: () => void asked.push('read'),
    beginPlain: line('plain'),
    beginFlow: line('flow'),
    close: () => void asked.push('close'),
  };
  const machine = outboxMachineOf((queue) => {
    expect(queue).toBe(7);
    return port;
  });
  const actor = createActor(machine, { input: { queue: 7 }, inspect: coverage.observe }).start();
  for (const event of events) actor.send(event);
  return {
    asked,
    happens: (...more: readonly OutboxEvent[]) => {
      for (const event of more) actor.send(event);
    },
    get state() {
      return actor.getSnapshot().value;
    },
    get isOver() {
      return actor.getSnapshot().status === 'done';
    },
  };
};

const read = (areVerdictsKept = true): OutboxEvent => ({ type: 'store.read', areVerdictsKept });
const welcomed = (areVerdictsKept = true): OutboxEvent => ({ type: 'link.welcomed', areVerdictsKept });
const plain: OutboxEvent = { type: 'link.plain' };
const lost: OutboxEvent = { type: 'link.lost' };

describe('while what is left is being read', () => {
  it.each([
    ['no socket', [], { here: 'parked' }, []],
    ['a plain server', [plain], { here: 'plain' }, ['begins plain']],
    ['a server of the extension', [welcomed()], { here: 'flowing' }, ['begins flow']],
    ['a socket that is lost again', [plain, lost], { here: 'parked' }, []],
    [
      'a server that turns out to speak',
      [plain, lost, welcomed(false)],
      { here: 'flowing' },
      ['begins flow'],
    ],
  ] as const)('I2 nothing is sent, with %s; then it goes on', (_, events, state, asked) => {
    const chart = startChart(events);
    expect(chart.asked).toEqual(['read']);
    chart.happens(read());
    expect([chart.state, chart.asked.slice(1)]).toEqual([state, asked]);
  });

  it('I2 and a verdict is not stored, it waits for that first', () => {
    const chart = startChart([welcomed(), read(false)]);
    expect([chart.state, chart.asked]).toEqual([{ here: 'keeping' }, ['read']]);
    chart.happens({ type: 'verdicts.kept' });
    expect([chart.state, chart.asked]).toEqual([{ here: 'flowing' }, ['read', 'begins flow']]);
  });
});

describe('a socket', () => {
  it('I2 is used when the verdicts of the one before it are stored', () => {
    const chart = startChart([read(), welcomed(false)]);
    expect(chart.state).toEqual({ here: 'keeping' });
    chart.happens(lost);
    expect(chart.state).toEqual({ here: 'parked' });
    chart.happens({ type: 'verdicts.kept' }, welcomed());
    expect(chart.asked).toEqual(['read', 'begins flow']);
  });

  it('has a line of its own, which ends with it', () => {
    const chart = startChart([read(), welcomed(), welcomed(), plain, plain, lost]);
    expect(chart.asked).toEqual([
      'read',
      'begins flow',
      'ends flow',
      'begins flow',
      'ends flow',
      'begins plain',
      'ends plain',
      'begins plain',
      'ends plain',
    ]);
  });
});

describe('a user who leaves', () => {
  it('I14 takes the socket along; what is stored is anybody’s', () => {
    const chart = startChart([read(), welcomed(), { type: 'user.left', isStored: true }]);
    expect([...chart.asked].sort()).toEqual(['begins flow', 'close', 'ends flow', 'read']);
    expect(chart.isOver).toBe(true);
  });

  it('leaves the page what is not stored, until it is', () => {
    const chart = startChart([read(), { type: 'user.left', isStored: false }]);
    chart.happens(welcomed(), plain, read());
    expect([chart.state, chart.asked]).toEqual(['left', ['read']]);
    chart.happens({ type: 'all.stored' });
    expect([chart.isOver, chart.asked]).toEqual([true, ['read', 'close']]);
  });

  it('and comes back goes on, and what others have left since is read', () => {
    const chart = startChart([read(), { type: 'user.left', isStored: false }, { type: 'user.returned' }]);
    expect([chart.state, chart.asked]).toEqual([{ here: { loading: 'parked' } }, ['read', 'read']]);
  });

  it('I14 by logout does not come back', () => {
    const chart = startChart([
      read(),
      { type: 'user.loggedOut', isStored: false },
      { type: 'user.returned' },
    ]);
    expect(chart.state).toBe('clearing');
    chart.happens({ type: 'all.stored' });
    expect(chart.isOver).toBe(true);
    expect(startChart([{ type: 'user.loggedOut', isStored: true }]).isOver).toBe(true);
  });
});

describe('the end of the connection', () => {
  it.each([
    [[]],
    [[read(), welcomed()]],
    [[{ type: 'user.left', isStored: false }]],
    [[{ type: 'user.loggedOut', isStored: false }]],
  ] as const)('I10 ends the queue and its line, after %j', (events) => {
    const chart = startChart(events);
    chart.happens({ type: 'connection.ended' });
    expect(chart.isOver).toBe(true);
    const count = (what: string) => chart.asked.filter((each) => each === what).length;
    expect([count('close'), count('ends flow')]).toEqual([1, count('begins flow')]);
  });
});

describe('the outbox chart as a whole', () => {
  it('has no transition and no state that the stories above did not take', () => {
    expect(coverage.all().length).toBeGreaterThan(15);
    expect(coverage.missing()).toEqual([]);
    expect(coverage.missingStates()).toEqual([]);
  });

  it('needs no port and no input', () => {
    const actor = createActor(outboxMachine).start();
    actor.send(read());
    actor.send(plain);
    expect(actor.getSnapshot().matches({ here: 'plain' })).toBe(true);
    actor.send({ type: 'link.lost' });
    actor.send(welcomed());
    actor.send({ type: 'connection.ended' });
    expect(actor.getSnapshot().status).toBe('done');
  });
});
