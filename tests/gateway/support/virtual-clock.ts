import type { Clock } from '../../../src/lib/clock.ts';

/** Time that moves only when the test says so, beside real sockets. */
export interface VirtualClock extends Clock {
  /** Moves on and runs the timers that fall due, in order. */
  advance(ms: number): void;
  /** Stands still for so long and then runs, late, what fell due: a stopped process, a sleeping machine. */
  oversleep(ms: number): void;
  readonly timerCount: number;
}

export const createVirtualClock = (): VirtualClock => {
  let now = 0;
  let lastId = 0;
  const timers = new Map<number, { readonly dueAt: number; readonly callback: () => void }>();

  const runDue = (until: number, setTime: (dueAt: number) => void) => {
    for (;;) {
      const [next] = [...timers]
        .filter(([, { dueAt }]) => dueAt <= until)
        .sort((a, b) => a[1].dueAt - b[1].dueAt || a[0] - b[0]);
      if (next === undefined) return;
      timers.delete(next[0]);
      setTime(next[1].dueAt);
      next[1].callback();
    }
  };
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      lastId += 1;
      timers.set(lastId, { dueAt: now + delayMs, callback });
      return lastId;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    advance(ms) {
      const until = now + ms;
      runDue(until, (dueAt) => {
        now = dueAt;
      });
      now = until;
    },
    oversleep(ms) {
      now += ms;
      runDue(now, () => {});
    },
    get timerCount() {
      return timers.size;
    },
  };
};
