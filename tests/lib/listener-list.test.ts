import { describe, expect, it } from 'vitest';
import { createListenerList } from '../../src/lib/listener-list.ts';

describe('a listener list', () => {
  it('keeps order, and counts the same function twice when it was added twice', () => {
    const list = createListenerList<() => number>();
    const one = () => 1;
    const removeFirst = list.add(one);
    list.add(() => 2);
    list.add(one);
    expect(list.all.map((listener) => listener())).toEqual([1, 2, 1]);
    removeFirst();
    removeFirst();
    expect(list.all.map((listener) => listener())).toEqual([2, 1]);
    list.clear();
    expect(list.all).toEqual([]);
  });

  it('shows a running loop the listeners of its beginning', () => {
    const list = createListenerList<() => void>();
    let calls = 0;
    list.add(() => {
      calls += 1;
      list.add(() => {
        calls += 1;
      });
    });
    for (const listener of list.all) listener();
    expect(calls).toBe(1);
  });
});
