import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createArrivals } from '../../src/gateway/wire/arrivals.ts';

const start = () => {
  const arrivals = createArrivals();
  const judged: number[] = [];
  const add = (from: number, count: number) => {
    for (let index = from; index < from + count; index += 1) arrivals.add(() => judged.push(index));
  };
  const inOrder = (count: number) => Array.from({ length: count }, (_, index) => index);
  return { judged, add, inOrder };
};

describe('arrivals', () => {
  it('that are few are judged at once', () => {
    const { judged, add, inOrder } = start();
    add(0, 10);
    expect(judged).toEqual(inOrder(10));
  });

  it('that are many take turns of the event loop, a bounded number in each, in the order they came', async () => {
    const { judged, add, inOrder } = start();
    add(0, 500);
    const perTurn = judged.length;
    expect(perTurn).toBeLessThan(50);
    for (let turn = 0; judged.length < 500; turn += 1) {
      expect(turn).toBeLessThan(500);
      const before = judged.length;
      await nextTurn();
      expect(judged.length - before).toBeLessThanOrEqual(perTurn);
    }
    expect(judged).toEqual(inOrder(500));
  });

  it('that come while others wait, queue up behind them', async () => {
    const { judged, add, inOrder } = start();
    add(0, 100);
    await nextTurn();
    add(100, 1);
    while (judged.length < 101) await nextTurn();
    expect(judged).toEqual(inOrder(101));
  });

  it('that come of judging another queue up behind those that wait', async () => {
    const arrivals = createArrivals();
    const judged: string[] = [];
    for (let n = 0; judged.length === n; n += 1) arrivals.add(() => judged.push('before'));
    // The first that had to wait is in the queue already.
    const atOnceCount = judged.length;
    arrivals.add(() => {
      judged.push('one');
      arrivals.add(() => judged.push('of one'));
    });
    arrivals.add(() => judged.push('two'));
    while (judged.length < atOnceCount + 4) await nextTurn();
    expect(judged.slice(atOnceCount)).toEqual(['before', 'one', 'two', 'of one']);
  });

  it('that were judged are let go of while others go on to come, so that the queue never runs empty', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const arrivals = createArrivals();
    const refs: WeakRef<object>[] = [];
    let judgedCount = 0;
    const add = () => {
      const arrival = {
        judge() {
          judgedCount += 1;
        },
      };
      refs.push(new WeakRef(arrival));
      arrivals.add(() => arrival.judge());
    };
    for (let n = 0; n < 200; n += 1) add();
    while (judgedCount < 400) {
      await nextTurn();
      while (refs.length < judgedCount + 200) add();
    }
    await nextTurn();
    collect();
    const keptCount = refs.filter((ref) => ref.deref() !== undefined).length;
    expect(keptCount).toBeLessThan(250);
  });

  it('are judged at once again when all have been, and a turn has passed', async () => {
    const { judged, add } = start();
    add(0, 100);
    while (judged.length < 100) await nextTurn();
    await nextTurn();
    add(100, 1);
    expect(judged).toHaveLength(101);
  });
});
