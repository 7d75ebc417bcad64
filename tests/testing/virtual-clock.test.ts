import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const setUp = () => {
  const clock = createVirtualClock();
  const fired: string[] = [];
  const sets = (ms: number, name: string) => clock.setTimeout(() => fired.push(`${name} ${clock.now()}`), ms);
  return { clock, fired, sets };
};

describe('a virtual clock', () => {
  it('stands still until it is told to pass', () => {
    const { clock, fired, sets } = setUp();
    sets(0, 'a');
    expect([clock.now(), fired, clock.timerCount, clock.nextTimerInMs]).toEqual([0, [], 1, 0]);
    clock.passes(0);
    expect([fired, clock.timerCount, clock.nextTimerInMs]).toEqual([['a 0'], 0, null]);
  });

  it('fires timers in order, each at its own time, those due together as they were set', () => {
    const { clock, fired, sets } = setUp();
    sets(20, 'late');
    sets(10, 'first');
    sets(10, 'second');
    sets(30, 'not yet');
    clock.passes(25);
    expect(fired).toEqual(['first 10', 'second 10', 'late 20']);
    expect([clock.now(), clock.nextTimerInMs]).toEqual([25, 5]);
  });

  it('fires timers that timers set, in time', () => {
    const { clock, fired, sets } = setUp();
    clock.setTimeout(() => sets(5, 'inner'), 10);
    sets(20, 'outer');
    clock.passes(20);
    expect(fired).toEqual(['inner 15', 'outer 20']);
  });

  it('does not fire what was cleared, by another timer too', () => {
    const { clock, fired, sets } = setUp();
    const cleared = sets(10, 'cleared');
    clock.setTimeout(() => clock.clearTimeout(cleared), 5);
    clock.clearTimeout(12_345);
    clock.passes(100);
    expect(fired).toEqual([]);
  });

  it('fires everything late, in order, after a sleep', () => {
    const { clock, fired, sets } = setUp();
    sets(20, 'b');
    sets(10, 'a');
    clock.setTimeout(() => sets(0, 'c'), 15);
    clock.sleeps(1_000);
    expect(fired).toEqual(['a 1000', 'b 1000', 'c 1000']);
  });

  it('takes NaN and negative delays for 0, as platforms do', () => {
    const { clock, fired, sets } = setUp();
    sets(Number.NaN, 'a');
    sets(-5, 'b');
    clock.passes(0);
    expect(fired).toEqual(['a 0', 'b 0']);
  });

  it('keeps the other timers when a callback throws', () => {
    const { clock, fired, sets } = setUp();
    clock.setTimeout(() => {
      throw new Error('mine');
    }, 5);
    sets(10, 'next');
    expect(() => clock.passes(20)).toThrow('mine');
    clock.passes(20);
    expect(fired).toEqual(['next 10']);
  });
});
