import { describe, expect, it } from 'vitest';
import { createBrowser } from './browser.ts';
import { createHistory } from './history.ts';
import { createHost } from './host.ts';
import { createRandom } from './random.ts';
import { createScheduler, promisesSettle } from './scheduler.ts';
import { createWire } from './wire.ts';

const playOut = (scheduler: ReturnType<typeof createScheduler>) => {
  while (scheduler.step(Number.POSITIVE_INFINITY)) {}
};

describe('the randomness of a run', () => {
  it('is the same for the same seed, and another for another', () => {
    const draws = (seed: string) => Array.from({ length: 5 }, createRandom(seed).next);
    expect(draws('a')).toEqual(draws('a'));
    expect(draws('a')).not.toEqual(draws('b'));
  });
  it('has forks that do not disturb each other', () => {
    const random = createRandom(1);
    const undisturbed = random.fork('x').next();
    random.next();
    random.fork('y').next();
    expect(random.fork('x').next()).toBe(undisturbed);
  });
  it('is spread evenly enough', () => {
    const random = createRandom('even');
    const counts = Array(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) counts[random.below(10)] += 1;
    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(Math.max(...counts)).toBeLessThan(1_100);
  });
});

describe('the scheduler', () => {
  it('lets things happen by time, and by order where the time is the same', () => {
    const scheduler = createScheduler();
    const random = createRandom('heap');
    const happened: number[][] = [];
    for (let order = 0; order < 500; order += 1) {
      const atMs = random.below(50);
      scheduler.after(atMs, () => happened.push([scheduler.nowMs, order]));
    }
    playOut(scheduler);
    expect(happened).toHaveLength(500);
    expect(happened).toEqual([...happened].sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));
  });
  it('forgets what was cancelled', () => {
    const scheduler = createScheduler();
    const happened: string[] = [];
    const first = scheduler.after(1, () => happened.push('first'));
    scheduler.after(2, () => happened.push('second'));
    scheduler.cancel(first);
    playOut(scheduler);
    expect(happened).toEqual(['second']);
  });
});

describe('a step', () => {
  it('is over when all that it promised has happened, however long the chain', async () => {
    let links = 0;
    const chain = async () => {
      for (; links < 1_000; links += 1) await null;
    };
    void chain();
    await promisesSettle();
    expect(links).toBe(1_000);
  });
});

describe('a history', () => {
  it('has one number for the same things in the same order at the same time', () => {
    const hashOf = (...pages: readonly string[]) => {
      let nowMs = 0;
      const history = createHistory(() => nowMs);
      for (const page of pages) {
        history.add({ what: 'dial', page });
        nowMs += 1;
      }
      return history.hash();
    };
    expect(hashOf('ada1', 'ben1')).toBe(hashOf('ada1', 'ben1'));
    expect(hashOf('ada1', 'ben1')).not.toBe(hashOf('ben1', 'ada1'));
    expect(hashOf('ada1')).not.toBe(hashOf('ada1', 'ada1'));
  });
});

describe('a host', () => {
  it('does late, and in order, what came while it stood still', () => {
    const scheduler = createScheduler();
    const host = createHost(scheduler, 'page');
    const happened: string[] = [];
    for (const ms of [10, 20, 90])
      host.clock.setTimeout(() => happened.push(`${ms} at ${scheduler.nowMs}`), ms);
    scheduler.after(5, () => host.freeze(50));
    playOut(scheduler);
    expect(happened).toEqual(['10 at 55', '20 at 55', '90 at 90']);
  });
  it('keeps that order where it is frozen again before it went on', () => {
    const scheduler = createScheduler();
    const host = createHost(scheduler, 'page');
    const happened: string[] = [];
    for (const ms of [10, 40, 75]) host.after(ms, () => happened.push(`${ms} at ${scheduler.nowMs}`));
    scheduler.after(5, () => host.freeze(30));
    scheduler.after(30, () => host.freeze(50));
    playOut(scheduler);
    expect(happened).toEqual(['10 at 80', '40 at 80', '75 at 80']);
  });
  it('does nothing any more once it is dead', () => {
    const scheduler = createScheduler();
    const host = createHost(scheduler, 'page');
    host.clock.setTimeout(() => expect.unreachable(), 10);
    scheduler.after(5, host.kill);
    playOut(scheduler);
  });
});

describe('a browser', () => {
  it('that is cleared gets back what a living page answers for, and nothing of one that is gone', () => {
    const scheduler = createScheduler();
    const happened: string[] = [];
    const browser = createBrowser({
      scheduler,
      latencyMs: () => 1,
      survivors: (count) => count,
      changed: (how, { key }) => happened.push(`${how} ${key}`),
    });
    const open = (name: string) => {
      const host = createHost(scheduler, name);
      const session = browser.storeOf(host).open({ userId: 'ada', clientId: name, adopt: () => {} });
      return {
        host,
        put: () => session.put({ userId: 'ada', clientId: name, n: 1, key: name, text: '{}', queuedAt: 0 }),
      };
    };
    const [first, second] = [open('first'), open('second')];
    void first.put();
    void second.put();
    playOut(scheduler);
    first.host.kill();
    browser.pageGone(first.host);
    happened.length = 0;
    browser.clear();
    playOut(scheduler);
    expect(happened).toEqual(['cleared first', 'cleared second', 'kept second']);
  });
});

describe('a wire', () => {
  const begin = (latencies: readonly number[]) => {
    const scheduler = createScheduler();
    const arrived: string[] = [];
    let drawn = 0;
    const wire = createWire(scheduler, () => {
      drawn += 1;
      return latencies[(drawn - 1) % latencies.length] ?? 0;
    });
    const send = (name: string) =>
      wire.send({ bytes: 10, arrive: () => arrived.push(`${name} at ${scheduler.nowMs}`) });
    return { scheduler, wire, send, arrived };
  };
  it('carries in order, however long each takes', () => {
    const { scheduler, send, arrived } = begin([30, 5]);
    send('a');
    send('b');
    playOut(scheduler);
    expect(arrived).toEqual(['a at 30', 'b at 30']);
  });
  it('keeps what a stall holds back, in front of what comes later', () => {
    const { scheduler, wire, send, arrived } = begin([10]);
    wire.stall();
    send('a');
    scheduler.after(15, () => send('b'));
    scheduler.after(20, () => {
      expect(wire.heldBytes).toBe(10);
      wire.flow();
      send('c');
    });
    playOut(scheduler);
    expect(arrived).toEqual(['a at 21', 'b at 21', 'c at 30']);
  });
  it('loses all once it is dead', () => {
    const { scheduler, wire, send, arrived } = begin([10]);
    send('a');
    wire.die();
    send('b');
    playOut(scheduler);
    expect(arrived).toEqual([]);
  });
  it('breaks after so many arrivals', () => {
    const { scheduler, wire, send, arrived } = begin([10]);
    wire.afterArrivals(2, wire.die);
    for (const name of ['a', 'b', 'c']) send(name);
    playOut(scheduler);
    expect(arrived).toEqual(['a at 10', 'b at 10']);
  });
});
