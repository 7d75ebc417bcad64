import { describe, expect, it } from 'vitest';
import { createChartClock } from '../../src/actors/chart-clock.ts';

/** The handles of Node: `held` says which of them keep the process alive. */
const setUp = () => {
  const pending = new Map<object, { run: () => void; holds: boolean }>();
  const clock = createChartClock({
    now: () => 0,
    wallNow: () => 0,
    setTimeout(run: () => void) {
      const timer = { run, holds: true };
      const handle = {
        ref() {
          timer.holds = true;
        },
        unref() {
          timer.holds = false;
        },
      };
      pending.set(handle, timer);
      return handle as never;
    },
    clearTimeout: (handle: unknown) => void pending.delete(handle as object),
  });
  return { clock, held: () => [...pending.values()].map(({ holds }) => holds), pending };
};

describe('the clock of a chart', () => {
  it('holds a Node process, lets it go with the timers of later too, and holds it again', () => {
    const { clock, held } = setUp();
    clock.setTimeout(() => {}, 10);
    expect(held()).toEqual([true]);
    clock.holdProcess(false);
    clock.setTimeout(() => {}, 10);
    expect(held()).toEqual([false, false]);
    clock.holdProcess(true);
    clock.setTimeout(() => {}, 10);
    expect(held()).toEqual([true, true, true]);
  });

  it('I10 ends every timer that is pending, and none that was cleared or has fired', () => {
    const { clock, pending } = setUp();
    clock.setTimeout(() => {}, 10);
    const cleared = clock.setTimeout(() => {}, 10);
    clock.clearTimeout(cleared);
    expect(pending.size).toBe(1);
    clock.clearAll();
    expect(pending.size).toBe(0);
  });
});
