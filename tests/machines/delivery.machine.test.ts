import {
  type ConnectionEvent,
  DELIVERY_STATUSES,
  type DeliveryEvent,
  type DeliveryPort,
  deliveryMachine,
  deliveryMachineOf,
  deliveryStatusOf,
  RELOAD_LIMIT_MS,
  RESUME_LIMIT_MS,
  STALL_MS,
} from 'statesocket/machines';
import { NEGOTIATION_MS } from 'statesocket/protocol';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock, setup } from 'xstate';

const coverage = createChartCoverage(deliveryMachine);

type FactType = Exclude<DeliveryEvent['type'], `queue.${string}`>;

/** The chart with a port that writes down what it is asked to do. */
const startChart = () => {
  const asked: string[] = [];
  let isLate = false;
  const note = (what: string) => () => void asked.push(what);
  const port: DeliveryPort = {
    rest: note('rest'),
    negotiate: note('negotiate'),
    isLate: () => isLate,
    followPlain: note('followPlain'),
    resume: note('resume'),
    follow: note('follow'),
    reload: note('reload'),
    giveUpReload: note('giveUpReload'),
    stall: note('stall'),
  };
  const clock = new SimulatedClock();
  // It tells the chart of a connection, which invokes it, of a socket that is of no use.
  const parent = setup({
    types: { events: {} as Extract<ConnectionEvent, { type: 'link.broken' }> },
    actors: { delivery: deliveryMachineOf(port) },
    actions: { note: ({ event }) => void asked.push(`breakLink ${event.why}`) },
  }).createMachine({
    invoke: { src: 'delivery', id: 'delivery', input: {} },
    on: { 'link.broken': { actions: 'note' } },
  });
  const { delivery: actor } = createActor(parent, { clock, inspect: coverage.observe })
    .start()
    .getSnapshot().children;
  if (actor === undefined) throw new Error('it does not run');
  asked.length = 0;
  return {
    asked,
    happens: (...types: FactType[]) => {
      for (const type of types) actor.send({ type });
    },
    passes: (ms: number) => clock.increment(ms),
    timersAreLate: (late: boolean) => {
      isLate = late;
    },
    get status() {
      return deliveryStatusOf(actor.getSnapshot());
    },
  };
};

describe('a socket opens', () => {
  it('and a WELCOME as its first frame leads to RESUME, and on to live', () => {
    const chart = startChart();
    chart.happens('socket.opened');
    expect(chart.status).toBe('negotiating');
    chart.happens('server.welcomed');
    expect(chart.status).toBe('resuming');
    chart.happens('log.resumed');
    expect(chart.status).toBe('live');
    expect(chart.asked).toEqual(['negotiate', 'resume', 'follow']);
  });

  it('I12 and another first frame shows a plain server, which is never asked to resume', () => {
    const chart = startChart();
    chart.happens('socket.opened', 'server.spoke', 'log.resumed', 'log.broken', 'hole.found', 'reload.done');
    expect(chart.status).toBe('plain');
    chart.passes(1_000_000);
    expect(chart.asked).toEqual(['negotiate', 'followPlain']);
  });

  it('and two seconds without a frame show a plain server too', () => {
    const chart = startChart();
    chart.happens('socket.opened');
    chart.passes(NEGOTIATION_MS - 1);
    expect(chart.status).toBe('negotiating');
    chart.passes(1);
    expect(chart.status).toBe('plain');
  });

  it('I18 but not where that timer came late: the WELCOME may be there and unread', () => {
    const chart = startChart();
    chart.happens('socket.opened');
    chart.timersAreLate(true);
    chart.passes(NEGOTIATION_MS);
    expect(chart.status).toBe('negotiating');
    chart.timersAreLate(false);
    chart.passes(NEGOTIATION_MS);
    expect(chart.status).toBe('plain');
    expect(chart.asked).toEqual(['negotiate', 'negotiate', 'followPlain']);
  });

  it('and a WELCOME that comes later breaks the link; that server is not taken for a plain one again', () => {
    const chart = startChart();
    chart.happens('socket.opened', 'server.spoke', 'server.welcomed');
    expect(chart.status).toBe('waiting');
    expect(chart.asked.slice(-2)).toEqual(['rest', 'breakLink late-welcome']);
    chart.asked.length = 0;
    chart.happens('socket.opened');
    chart.passes(RESUME_LIMIT_MS - 1);
    expect(chart.status).toBe('negotiating');
    chart.passes(1);
    expect(chart.asked).toEqual(['negotiate', 'rest', 'breakLink unanswered']);
    chart.asked.length = 0;
    chart.happens('socket.opened', 'server.spoke');
    expect(chart.asked).toEqual(['negotiate', 'rest', 'breakLink late-welcome']);
  });

  it.each([[['server.mismatched']], [['server.spoke', 'server.mismatched']]] as const)(
    'and another version of the extension breaks the link (%s)',
    (types) => {
      const chart = startChart();
      chart.happens('socket.opened', ...types);
      expect(chart.status).toBe('waiting');
      expect(chart.asked).toContain('breakLink version');
    },
  );
});

const openChart = (...types: FactType[]) => {
  const chart = startChart();
  chart.happens('socket.opened', 'server.welcomed', ...types);
  chart.asked.length = 0;
  return chart;
};

describe('messages are missing', () => {
  it('I5 a hole leads to RESUME at once', () => {
    const chart = openChart('log.resumed');
    chart.happens('hole.found');
    expect([chart.status, chart.asked]).toEqual(['resuming', ['resume']]);
  });

  it('I5 and where they are missing for good, to a reload by the app, and then to live', () => {
    const chart = openChart('log.broken');
    expect(chart.status).toBe('reloading');
    chart.happens('reload.done');
    expect([chart.status, chart.asked]).toEqual(['live', ['follow']]);
  });

  it('I4 nothing but a RESUMED or a reload leads to live', () => {
    const chart = openChart();
    chart.happens('hole.found', 'reload.done', 'reload.failed', 'server.welcomed', 'server.spoke');
    expect(chart.status).toBe('resuming');
  });

  it('a reload that fails is tried again after 10 s, from RESUME on', () => {
    const chart = openChart('log.broken', 'reload.failed');
    expect(chart.status).toBe('stalled');
    chart.passes(STALL_MS);
    expect([chart.status, chart.asked]).toEqual(['resuming', ['resume']]);
  });

  it('I7 a reload that does not end is given up', () => {
    const chart = openChart('log.broken');
    chart.passes(RELOAD_LIMIT_MS);
    expect([chart.status, chart.asked]).toEqual(['stalled', ['giveUpReload', 'stall']]);
  });

  it('I7 a RESUME without an answer breaks the link', () => {
    const chart = openChart();
    chart.passes(RESUME_LIMIT_MS);
    expect([chart.status, chart.asked]).toEqual(['waiting', ['rest', 'breakLink unanswered']]);
  });

  it('I7 a command without a receipt breaks the link, once', () => {
    const chart = openChart('log.resumed');
    chart.happens('command.unanswered', 'command.unanswered');
    expect([chart.status, chart.asked]).toEqual(['waiting', ['rest', 'breakLink unanswered']]);
  });
});

describe('a socket ends', () => {
  it.each([
    [[]],
    [['server.spoke']],
    [['server.welcomed']],
    [['server.welcomed', 'log.resumed']],
    [['server.welcomed', 'log.broken']],
    [['server.welcomed', 'log.broken', 'reload.failed']],
  ] as const)('after %s: everything rests until the next, with no timer left', (types) => {
    const chart = startChart();
    chart.happens('socket.opened', ...types, 'socket.ended');
    expect([chart.status, chart.asked.at(-1)]).toEqual(['waiting', 'rest']);
    chart.asked.length = 0;
    chart.passes(1_000_000);
    expect(chart.asked).toEqual([]);
  });
});

describe('a queue of durable messages', () => {
  it('has a chart of its own from its beginning until nothing of it depends on the page, whatever the socket does', () => {
    const actor = createActor(deliveryMachine, { inspect: coverage.observe }).start();
    actor.send({ type: 'queue.begun', queue: 1 });
    actor.send({ type: 'socket.opened' });
    actor.send({ type: 'queue.begun', queue: 2 });
    actor.send({ type: 'queue.over', queue: 1 });
    actor.send({ type: 'socket.ended' });
    expect(Object.keys(actor.getSnapshot().children)).toEqual(['outbox 2']);
    expect(deliveryStatusOf(actor.getSnapshot())).toBe('waiting');
  });
});

describe('the delivery chart as a whole', () => {
  it('has no transition and no state that the stories above did not take', () => {
    expect(coverage.all().length).toBeGreaterThan(15);
    expect(coverage.missing()).toEqual([]);
    expect(coverage.missingStates()).toEqual([]);
  });

  it('names one status in each of its states, and needs no port', () => {
    const statuses = Object.values(deliveryMachine.states).map(({ tags }) => tags);
    expect(statuses).toEqual(DELIVERY_STATUSES.map((status) => [status]));
    const actor = createActor(deliveryMachine).start();
    actor.send({ type: 'socket.opened' });
    expect(deliveryStatusOf(actor.getSnapshot())).toBe('negotiating');
    actor.stop();
    expect(() => deliveryStatusOf({ hasTag: () => false })).toThrow('carries no status');
  });
});
