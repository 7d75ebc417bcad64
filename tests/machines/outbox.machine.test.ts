import { type OutboxEvent, type OutboxPort, outboxMachine, outboxMachineOf } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';

const coverage = createChartCoverage(outboxMachine);

/** The chart of queue 7, with a port that writes down what it is asked to do. */
const startChart = (events: readonly OutboxEvent[] = []) => {
  const asked: string[] = [];
  const told: ((event: OutboxEvent) => void)[] = [];
  const own = (kind: string) => () => {
    asked.push(`begins ${kind}`);
    return () => void asked.push(`ends ${kind}`);
  };
  const port: OutboxPort = {
    begin: () => () => void asked.push('close'),
    read: (tell) => {
      asked.push('read');
      told.push(tell);
      return () => {};
    },
    beginPlain: own('plain'),
    beginFlow: own('flow'),
    rest: () => void asked.push('rest'),
    keep: own('keeping'),
    forget: () => void asked.push('forget'),
  };
  const machine = outboxMachineOf((queue) => {
    expect(queue).toBe(7);
    return port;
  });
  const actor = createActor(machine, { input: { queue: 7 }, inspect: coverage.observe }).start();
  for (const event of events) actor.send(event);
  return {
    asked,
    /** What each reading may say. */
    told,
    happens: (...more: readonly OutboxEvent[]) => {
      for (const event of more) actor.send(event);
    },
    get state() {
      return actor.getSnapshot().value;
    },
    stops: () => actor.stop(),
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

const left: OutboxEvent = { type: 'user.left' };
const returned: OutboxEvent = { type: 'user.returned' };
const loggedOut: OutboxEvent = { type: 'user.loggedOut' };
const stored: OutboxEvent = { type: 'all.stored' };
const ended: OutboxEvent = { type: 'connection.ended' };

describe('a user who leaves', () => {
  it('I14 takes the socket along', () => {
    const chart = startChart([read(), welcomed(), left]);
    expect(chart.asked).toEqual(['read', 'begins flow', 'rest', 'ends flow', 'begins keeping']);
  });

  it('leaves the page what is not stored, until it is', () => {
    const chart = startChart([read(), left]);
    chart.happens(welcomed(), plain, read());
    expect([chart.state, chart.asked]).toEqual(['left', ['read', 'rest', 'begins keeping']]);
    chart.happens(stored);
    expect([chart.isOver, chart.asked.slice(3).sort()]).toEqual([true, ['close', 'ends keeping']]);
  });

  it('and comes back goes on, and what others have left since is read', () => {
    const chart = startChart([read(), left, returned]);
    expect(chart.state).toEqual({ here: { loading: 'parked' } });
    expect(chart.asked).toEqual(['read', 'rest', 'begins keeping', 'ends keeping', 'read']);
  });

  it('while that is being read hears no more of it: the next reading counts', () => {
    const chart = startChart([left, returned]);
    const [first, second] = chart.told;
    first?.(read());
    expect(chart.state).toEqual({ here: { loading: 'parked' } });
    second?.(read());
    expect(chart.state).toEqual({ here: 'parked' });
  });

  it('I14 by logout does not come back', () => {
    const chart = startChart([read(), loggedOut, returned]);
    expect([chart.state, chart.asked]).toEqual([
      { clearing: 'storing' },
      ['read', 'rest', 'forget', 'begins keeping'],
    ]);
    chart.happens(stored);
    expect(chart.isOver).toBe(true);
  });

  it('I14 by logout while what is left is being read has it read to its end, and forgotten', () => {
    const chart = startChart([loggedOut, stored]);
    expect([chart.state, chart.asked]).toEqual([{ clearing: 'reading' }, ['read', 'rest', 'forget', 'read']]);
    chart.told[1]?.(read());
    expect(chart.state).toEqual({ clearing: 'storing' });
    chart.happens(stored);
    expect(chart.state).toBe('over');
    expect(startChart([loggedOut, ended]).state).toBe('forgetting');
  });
});

describe('the end of the connection', () => {
  it.each([[[]], [[read(), welcomed()]], [[left]], [[loggedOut]], [[read(), loggedOut]]] as const)(
    'I10 ends the queue and its line, after %j',
    (events) => {
      const chart = startChart(events);
      chart.happens(ended);
      expect(chart.isOver).toBe(true);
      const count = (what: string) => chart.asked.filter((each) => each === what).length;
      expect([count('close'), count('rest')]).toEqual([1, 1]);
      expect([count('ends flow'), count('ends keeping')]).toEqual([
        count('begins flow'),
        count('begins keeping'),
      ]);
    },
  );

  it('I10 by another chart, which stops it, ends the queue too', () => {
    const chart = startChart([read(), welcomed()]);
    chart.stops();
    expect(chart.asked.slice(2).sort()).toEqual(['close', 'ends flow']);
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
