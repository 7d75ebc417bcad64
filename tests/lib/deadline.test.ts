import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { setDeadline } from '../../src/lib/deadline.ts';

describe('a deadline', () => {
  it('is missed once, when its time is over', () => {
    const clock = createVirtualClock();
    const missed = vi.fn();
    setDeadline(clock, 5_000, missed);
    clock.passes(4_999);
    expect(missed).not.toHaveBeenCalled();
    clock.passes(100_000);
    expect(missed).toHaveBeenCalledTimes(1);
  });

  it('gives the whole time again when its timer is late (I18)', () => {
    const clock = createVirtualClock();
    const missed = vi.fn();
    setDeadline(clock, 5_000, missed);
    clock.sleeps(7_000);
    clock.passes(4_999);
    expect(missed).not.toHaveBeenCalled();
    clock.passes(1);
    expect(missed).toHaveBeenCalledTimes(1);
  });

  it('is not missed when it was cancelled, in its second time too', () => {
    const clock = createVirtualClock();
    const missed = vi.fn();
    const cancel = setDeadline(clock, 5_000, missed);
    clock.sleeps(7_000);
    cancel();
    expect(clock.timerCount).toBe(0);
    clock.passes(10_000);
    expect(missed).not.toHaveBeenCalled();
  });

  it('is missed where its timer is a second late, and given again where it is later than that', () => {
    const missedAfter = (sleepMs: number): number => {
      const clock = createVirtualClock();
      const missed = vi.fn();
      setDeadline(clock, 5_000, missed);
      clock.sleeps(sleepMs);
      return missed.mock.calls.length;
    };
    expect([missedAfter(6_000), missedAfter(6_001)]).toEqual([1, 0]);
  });
});
