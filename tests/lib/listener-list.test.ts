import { describe, expect, it } from 'vitest';
import { createListenerList, type ListenerList } from '../../src/lib/listener-list.ts';

const heard = <T>(list: ListenerList<() => T>): T[] => {
  const answers: T[] = [];
  list.each((listener) => answers.push(listener()));
  return answers;
};

describe('a listener list', () => {
  it('keeps order, and counts the same function twice when it was added twice', () => {
    const list = createListenerList<() => number>();
    const one = () => 1;
    const removeFirst = list.add(one);
    list.add(() => 2);
    list.add(one);
    expect(heard(list)).toEqual([1, 2, 1]);
    removeFirst();
    removeFirst();
    expect(heard(list)).toEqual([2, 1]);
    expect(list.size).toBe(2);
    list.clear();
    expect(heard(list)).toEqual([]);
    expect(list.size).toBe(0);
  });

  it('does not call in this dispatch what is added during it', () => {
    const list = createListenerList<() => string>();
    const add = () => {
      list.add(() => 'late');
      return 'adds';
    };
    const stop = list.add(add);
    expect(heard(list)).toEqual(['adds']);
    stop();
    expect(heard(list)).toEqual(['late']);
  });

  it('does not call what is removed during the dispatch, however many are', () => {
    const list = createListenerList<() => number>();
    const stops: (() => void)[] = [];
    list.add(() => {
      for (const stop of stops) stop();
      return 0;
    });
    for (let n = 1; n <= 50; n += 1) stops.push(list.add(() => n));
    const last = list.add(() => 51);
    expect(heard(list)).toEqual([0, 51]);
    last();
    expect(heard(list)).toEqual([0]);
  });

  it('does not call what is cleared during the dispatch, nor what a listener adds after that', () => {
    const list = createListenerList<() => string>();
    list.add(() => {
      list.clear();
      list.add(() => 'new');
      return 'clears';
    });
    list.add(() => 'cleared');
    expect(heard(list)).toEqual(['clears']);
    expect(heard(list)).toEqual(['new']);
  });

  it('goes on in an outer dispatch after an inner one, whatever that removed', () => {
    const list = createListenerList<() => string>();
    const stops: (() => void)[] = [];
    let isInside = false;
    list.add(() => {
      if (isInside) for (const stop of stops) stop();
      else {
        isInside = true;
        heard(list);
      }
      return 'outer';
    });
    for (let n = 0; n < 20; n += 1) stops.push(list.add(() => 'removed'));
    list.add(() => 'stays');
    expect(heard(list)).toEqual(['outer', 'stays']);
  });

  // A removed slot may stay for a while, but not for long: what a dispatch walks over is at most twice what listens.
  it.each([
    ['the first first', (stops: (() => void)[]) => stops],
    ['the last first', (stops: (() => void)[]) => [...stops].reverse()],
  ])('holds no more than twice what listens when 20,000 leave, %s', (_, inOrder) => {
    const list = createListenerList<() => void>();
    const stops = Array.from({ length: 20_000 }, () => list.add(() => {}));
    let copied = 0;
    let before = list.slots;
    for (const stop of inOrder(stops)) {
      stop();
      if (list.slots !== before) copied += before.length;
      before = list.slots;
      expect(list.slots.length).toBeLessThanOrEqual(Math.max(16, list.size * 2));
    }
    // Each slot was copied a constant number of times: 20,000 removals are no 20,000 copies of the list.
    expect(copied).toBeLessThan(3 * 20_000);
    expect(list.size).toBe(0);
  });

  it('adds to the list that there is, and copies none', () => {
    const list = createListenerList<() => void>();
    const { slots } = list;
    for (let n = 0; n < 20_000; n += 1) list.add(() => {});
    expect(list.slots).toBe(slots);
    expect(slots).toHaveLength(20_000);
  });

  it('leaves out the removed ones where they are eight and half of all, and not before', () => {
    const left = (count: number, removedCount: number): number => {
      const list = createListenerList<() => void>();
      const removals = Array.from({ length: count }, () => list.add(() => {}));
      for (const remove of removals.slice(0, removedCount)) remove();
      expect(list.size).toBe(count - removedCount);
      return list.slots.length;
    };
    expect([left(10, 7), left(10, 8), left(16, 8), left(17, 8), left(17, 9)]).toEqual([10, 2, 8, 17, 8]);
  });
});
