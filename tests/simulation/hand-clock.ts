import type { Clock, TimerHandle } from '../../src/lib/clock.ts';

export interface HandTimer {
  readonly delayMs: number;
  readonly dueAt: number;
}

/** A clock that a test holds: time jumps where it is told to, and a timer fires when it is told to, however late. */
export interface HandClock extends Clock {
  /** The timers that wait, oldest first. */
  readonly pending: readonly HandTimer[];
  /** Of those due at the same time, the one that was set first; null: there is none. */
  readonly next: HandTimer | null;
  /** Time jumps to this moment. It never goes back, and no timer fires by itself. */
  jumpsTo(at: number): void;
  /** The timer fires when it is due, or now if that is later. */
  fires(timer: HandTimer): void;
  /** The timer fires now, even if it is not due yet: time stands still, and timers fire in any order. */
  firesNow(timer: HandTimer): void;
}

interface SetTimer extends HandTimer {
  readonly callback: () => void;
}

export const createHandClock = (): HandClock => {
  let now = 0;
  let lastHandle = 0;
  const timers = new Map<TimerHandle, SetTimer>();
  const firesNow = (timer: HandTimer): void => {
    for (const [handle, set] of timers) {
      if (set !== timer) continue;
      timers.delete(handle);
      set.callback();
      return;
    }
    throw new Error('This timer has fired, or was cleared.');
  };
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      lastHandle += 1;
      timers.set(lastHandle, { callback, delayMs, dueAt: now + delayMs });
      return lastHandle;
    },
    clearTimeout: (handle) => void timers.delete(handle),
    get pending() {
      return [...timers.values()];
    },
    get next() {
      let next: SetTimer | null = null;
      for (const timer of timers.values()) if (next === null || timer.dueAt < next.dueAt) next = timer;
      return next;
    },
    jumpsTo(at) {
      now = Math.max(now, at);
    },
    fires(timer) {
      now = Math.max(now, timer.dueAt);
      firesNow(timer);
    },
    firesNow,
  };
};
