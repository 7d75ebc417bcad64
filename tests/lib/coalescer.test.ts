import { describe, expect, it } from 'vitest';
import { createCoalescer } from '../../src/lib/coalescer.ts';
import { createHandFrames } from '../support/hand-frames.ts';

const setUp = (maxWaitingCount = 1_000) => {
  const frames = createHandFrames();
  const delivered: string[] = [];
  const coalescer = createCoalescer<string, number>({
    scheduleFrame: frames.scheduleFrame,
    maxWaitingCount,
    deliver: (key, items) => delivered.push(`${key} ${items.join(',')}`),
  });
  const take = () => delivered.splice(0);
  return { frames, coalescer, take };
};

describe('a coalescer', () => {
  it('delivers the first item of an idle key at once', () => {
    const { coalescer, take } = setUp();
    coalescer.add('a', 1);
    expect(take()).toEqual(['a 1']);
  });

  it('delivers the first items when their turn is over, where it is told to put them off, or when it is flushed before', () => {
    const frames = createHandFrames();
    const delivered: string[] = [];
    let turns: (() => void)[] = [];
    const coalescer = createCoalescer<string, number>({
      scheduleFrame: frames.scheduleFrame,
      maxWaitingCount: 3,
      defer: (run) => turns.push(run),
      deliver: (key, items) => delivered.push(`${key} ${items.join(',')}`),
    });
    const endTurn = (): string[] => {
      for (const run of turns) run();
      turns = [];
      return delivered.splice(0);
    };
    coalescer.add('a', 1);
    coalescer.add('b', 1);
    coalescer.add('a', 2);
    expect(delivered).toEqual([]);
    expect(endTurn()).toEqual(['a 1,2', 'b 1']);
    coalescer.add('c', 1);
    coalescer.flush();
    expect(endTurn()).toEqual(['c 1']);
    for (const item of [3, 4, 5, 6, 7]) coalescer.add('a', item);
    expect(turns).toHaveLength(1);
    expect(endTurn()).toEqual(['a 3,4,5,6,7']);
  });

  it('delivers what follows once a frame, in order', () => {
    const { coalescer, frames, take } = setUp();
    for (const item of [1, 2, 3]) coalescer.add('a', item);
    expect(take()).toEqual(['a 1']);
    frames.end();
    expect(take()).toEqual(['a 2,3']);
    coalescer.add('a', 4);
    expect(take()).toEqual([]);
    frames.end();
    expect(take()).toEqual(['a 4']);
  });

  it('keeps keys apart', () => {
    const { coalescer, frames, take } = setUp();
    coalescer.add('a', 1);
    coalescer.add('b', 1);
    coalescer.add('a', 2);
    coalescer.add('b', 2);
    expect(take()).toEqual(['a 1', 'b 1']);
    frames.end();
    expect(take()).toEqual(['a 2', 'b 2']);
  });

  it('is idle after a frame without items, and then asks for no frame', () => {
    const { coalescer, frames, take } = setUp();
    coalescer.add('a', 1);
    frames.end();
    expect(frames.count).toBe(0);
    coalescer.add('a', 2);
    expect(take()).toEqual(['a 1', 'a 2']);
  });

  it('asks for one frame at a time, whatever is added', () => {
    const { coalescer, frames } = setUp();
    for (let item = 0; item < 100; item += 1) coalescer.add(`key ${item % 7}`, item);
    expect(frames.count).toBe(1);
    frames.end();
    expect(frames.count).toBe(1);
  });

  it('delivers before the frame rather than hold more than its cap, and drops nothing (I15)', () => {
    const { coalescer, frames, take } = setUp(3);
    for (const item of [1, 2, 3, 4, 5, 6]) coalescer.add('a', item);
    expect(take()).toEqual(['a 1', 'a 2,3,4,5']);
    frames.end();
    expect(take()).toEqual(['a 6']);
  });

  it('leaves for the next frame what a delivery adds', () => {
    const frames = createHandFrames();
    const delivered: number[][] = [];
    const coalescer = createCoalescer<string, number>({
      scheduleFrame: frames.scheduleFrame,
      maxWaitingCount: 10,
      deliver: (key, items) => {
        delivered.push([...items]);
        if (delivered.length < 3) coalescer.add(key, delivered.length * 10);
      },
    });
    coalescer.add('a', 1);
    expect(delivered).toEqual([[1]]);
    frames.end();
    expect(delivered).toEqual([[1], [10]]);
    frames.end();
    expect(delivered).toEqual([[1], [10], [20]]);
  });

  it('delivers what is waiting when it closes, and nothing after', () => {
    const { coalescer, frames, take } = setUp();
    for (const item of [1, 2, 3]) coalescer.add('a', item);
    coalescer.close();
    expect(take()).toEqual(['a 1', 'a 2,3']);
    expect(frames.count).toBe(0);
    coalescer.add('a', 4);
    frames.end();
    expect(take()).toEqual([]);
  });

  it('has delivered everything when close returns, in the middle of a flush too', () => {
    const frames = createHandFrames();
    const delivered: string[] = [];
    let closedAfter: string[] = [];
    const coalescer = createCoalescer<string, number>({
      scheduleFrame: frames.scheduleFrame,
      maxWaitingCount: 10,
      deliver: (key, items) => {
        delivered.push(`${key} ${items.join(',')}`);
        if (key === 'a' && items[0] === 2) {
          coalescer.close();
          closedAfter = [...delivered];
        }
      },
    });
    for (const item of [1, 2]) for (const key of ['a', 'b']) coalescer.add(key, item);
    frames.end();
    expect(closedAfter).toEqual(['a 1', 'b 1', 'a 2', 'b 2']);
    expect(delivered).toEqual(closedAfter);
  });

  it('takes no item of a new key when it is closed, and closes where nothing was added', () => {
    const { coalescer, frames, take } = setUp();
    coalescer.close();
    coalescer.add('a', 1);
    frames.end();
    expect([take(), frames.count]).toEqual([[], 0]);
  });

  it('delivers nothing in a turn that was put off past the frame', () => {
    const frames = createHandFrames();
    const delivered: string[] = [];
    const turns: (() => void)[] = [];
    const coalescer = createCoalescer<string, number>({
      scheduleFrame: frames.scheduleFrame,
      maxWaitingCount: 3,
      defer: (run) => turns.push(run),
      deliver: (key, items) => delivered.push(`${key} ${items.join(',')}`),
    });
    coalescer.add('a', 1);
    frames.end();
    frames.end();
    for (const run of turns) run();
    expect(delivered).toEqual(['a 1']);
  });
});
