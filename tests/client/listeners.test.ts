import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario, type Scenario } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
});

type Opened = Scenario<{ type: string }>;

const setUp = () => {
  const scenario: Opened = createScenario({
    delivery: durableDelivery({ durable: ({ type }) => type === 'SEND' }),
  });
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return { ...scenario, codes: () => scenario.errors.map(({ code }) => code) };
};

/** Each way to listen, and what makes its listeners be called. */
const ways: readonly [
  string,
  {
    listen(scenario: Opened, listener: () => void): () => void;
    fire(scenario: Opened): void;
  },
][] = [
  [
    'on',
    {
      listen: ({ connection }, listener) => connection.on('A', listener),
      fire: ({ server }) => server.sends({ type: 'A' }),
    },
  ],
  [
    'onMessage',
    {
      listen: ({ connection }, listener) => connection.onMessage(listener),
      fire: ({ server }) => server.sends({ type: 'A' }),
    },
  ],
  [
    'on for bytes',
    {
      listen: ({ connection }, listener) => connection.on('binary', listener),
      fire: ({ server }) => server.sendsBytes(new ArrayBuffer(1)),
    },
  ],
  [
    'subscribe',
    {
      listen: ({ connection }, listener) => connection.subscribe(listener),
      fire: ({ connection }) =>
        connection.status === 'open' ? connection.disconnect() : connection.connect({ userId: 'ada' }),
    },
  ],
  [
    'onError',
    {
      listen: ({ connection }, listener) => connection.onError(listener),
      fire: ({ server }) => server.sendsText('no JSON'),
    },
  ],
  [
    'onDiscontinuity',
    {
      listen: ({ connection }, listener) => connection.onDiscontinuity(listener),
      fire: ({ server, connection, clock }) => {
        if (connection.delivery.getSnapshot().status === 'live') {
          server.closes(1006);
          clock.passes(10_000);
          server.accepts();
        }
        server.publishes({ type: 'LOST' });
        server.forgets();
        server.welcomes();
        server.resumes();
      },
    },
  ],
  [
    'outbox.subscribe',
    {
      listen: ({ connection }, listener) => connection.outbox.subscribe(listener),
      fire: ({ connection }) => void connection.send({ type: 'SEND' }),
    },
  ],
  [
    'delivery.subscribe',
    {
      listen: ({ connection }, listener) => connection.delivery.subscribe(listener),
      fire: ({ server, connection, clock }) => {
        if (connection.delivery.getSnapshot().status === 'negotiating') server.sends({ type: 'HEARTBEAT' });
        else {
          server.closes(1006);
          clock.passes(10_000);
          server.accepts();
        }
      },
    },
  ],
];

describe.each(ways)('%s follows the rule of EventTarget', (_, { listen, fire }) => {
  it('a listener that another one removes is not called any more, also in the same dispatch', () => {
    const scenario = setUp();
    const removed = vi.fn();
    let stop = (): void => {};
    listen(scenario, () => stop());
    stop = listen(scenario, removed);
    fire(scenario);
    fire(scenario);
    expect(removed).not.toHaveBeenCalled();
  });

  it('a listener that is added by another one waits for the next time', () => {
    const scenario = setUp();
    const added = vi.fn();
    let isFirst = true;
    listen(scenario, () => {
      if (isFirst) listen(scenario, added);
      isFirst = false;
    });
    fire(scenario);
    const soon = added.mock.calls.length;
    fire(scenario);
    expect(isFirst).toBe(false);
    expect(soon).toBe(0);
    expect(added).toHaveBeenCalled();
  });

  it('a listener that removes itself does not keep the next one from running', () => {
    const scenario = setUp();
    const next = vi.fn();
    const stop = listen(scenario, () => stop());
    listen(scenario, next);
    fire(scenario);
    expect(next).toHaveBeenCalled();
  });
});

describe('between the listeners of a type and those of every message', () => {
  it('what a listener of the type removes or adds follows the same rule', () => {
    const { connection, server } = setUp();
    const removed = vi.fn();
    const added = vi.fn();
    const stop = connection.onMessage(removed);
    connection.on('A', () => {
      stop();
      connection.onMessage(added);
    });
    server.sends({ type: 'A' });
    expect(removed).not.toHaveBeenCalled();
    expect(added).not.toHaveBeenCalled();
    server.sends({ type: 'A' });
    expect(added).toHaveBeenCalledTimes(1);
  });

  it('a durable message is not tried again on a listener that removed itself and threw', () => {
    const { connection, server, codes } = setUp();
    let calls = 0;
    const stop = connection.on('A', () => {
      calls += 1;
      stop();
      throw new Error('mine');
    });
    server.welcomes();
    server.resumes();
    server.publishes({ type: 'A' });
    expect(calls).toBe(1);
    expect(codes()).toEqual(['listener-failed', 'message-skipped']);
  });
});

describe('a type that nobody listens to any more', () => {
  it('leaves nothing behind: 50,000 types cost less than a megabyte', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { connection } = setUp();
    const hears = (from: number): void => {
      for (let n = from; n < from + 50_000; n += 1) connection.on(`TYPE_${n}`, () => {})();
    };
    hears(0);
    collect();
    const before = process.memoryUsage().heapUsed;
    hears(50_000);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1024 * 1024);
  });

  it('is heard again by the next listener, and by that one only', () => {
    const { connection, server } = setUp();
    const first = vi.fn();
    const second = vi.fn();
    connection.on('A', first)();
    const stop = connection.on('A', second);
    server.sends({ type: 'A' });
    stop();
    connection.on('A', first);
    stop();
    server.sends({ type: 'A' });
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('a listener that rejects', () => {
  it.each([
    ['subscribe', ({ connection }: Opened, rejects: () => Promise<void>) => connection.subscribe(rejects)],
    [
      'delivery.subscribe',
      ({ connection }: Opened, rejects: () => Promise<void>) => connection.delivery.subscribe(rejects),
    ],
    [
      'outbox.subscribe',
      ({ connection }: Opened, rejects: () => Promise<void>) => connection.outbox.subscribe(rejects),
    ],
  ])('of %s is reported, and ends no process', async (_, listen) => {
    const scenario = setUp();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    listen(scenario, async () => {
      throw new Error('mine');
    });
    scenario.connection.send({ type: 'SEND' });
    scenario.server.closes(1006);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(scenario.codes()).toContain('listener-failed');
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('of onError goes to the console', async () => {
    const { connection, server } = setUp();
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    connection.onError(async () => {
      throw new Error('mine');
    });
    server.sendsText('no JSON');
    await new Promise((resolve) => setTimeout(resolve));
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('an onError listener that causes errors itself', () => {
  it('is told of them one after the other, not inside each other, and of the first 16 only', () => {
    const { connection, server, codes } = setUp();
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    let depth = 0;
    let deepest = 0;
    connection.onError(() => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      connection.send({ type: 'LOG' });
      depth -= 1;
    });
    server.closes(1006);
    connection.send({ type: 'CHAT' });
    expect(deepest).toBe(1);
    expect(codes()).toEqual(new Array(17).fill('not-connected'));
    expect(warn.mock.calls.flat().join()).toContain('1 of 17 were not told');
    connection.send({ type: 'CHAT' });
    expect(codes()).toHaveLength(34);
  });

  it('comes after the listeners that had not had the error before it', () => {
    const { connection, server } = setUp();
    const heard: string[] = [];
    connection.onError(({ code }) => {
      if (code === 'malformed-frame') connection.send(null as never);
    });
    connection.onError(({ code }) => void heard.push(code));
    server.sendsText('no JSON');
    expect(heard).toEqual(['malformed-frame', 'message-not-serialisable']);
  });
});

it('a console.warn that throws, as of a test runner, silences no later error', () => {
  const { connection, server } = createScenario((wiring) =>
    createConnection({ url: 'wss://x.test/', ...wiring }),
  );
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {
    throw new Error('no warnings here');
  });
  const heard = vi.fn();
  const stop = connection.onError(() => {
    throw new Error('mine');
  });
  expect(() => connection.send({ type: 'A' })).toThrow('no warnings here');
  stop();
  connection.onError(heard);
  connection.send({ type: 'A' });
  expect([heard.mock.calls.length, server.live]).toEqual([1, []]);
  warn.mockRestore();
});
