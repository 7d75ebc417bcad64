import { clampDelayMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';

/** A timer that waits. */
export interface WaitingTimer {
  readonly delayMs: number;
  readonly dueAt: number;
}

/** A clock that is held by hand: time jumps where it is told to, and a timer fires when it is told to, however late. */
export interface TimerLine extends Clock {
  /** The timers that wait, oldest first. */
  readonly pending: readonly WaitingTimer[];
  /** Of those due at the same time, the one that was set first; null: there is none. */
  readonly next: WaitingTimer | null;
  /** Time jumps to this moment. It never goes back, and no timer fires by itself. */
  jumpsTo(at: number): void;
  /** The timer fires when it is due, or now if that is later. */
  fires(timer: WaitingTimer): void;
  /** The timer fires now, even if it is not due yet: time stands still, and timers fire in any order. */
  firesNow(timer: WaitingTimer): void;
}

interface SetTimer extends WaitingTimer {
  readonly callback: () => void;
}

/** Makes the clock on which all virtual time runs. It starts at 0. A timer is its own handle. */
export const createTimerLine = (): TimerLine => {
  let now = 0;
  const pending = new Set<SetTimer>();
  const jumpsTo = (at: number): void => {
    now = Math.max(now, at);
  };
  const firesNow = (timer: WaitingTimer): void => {
    if (!pending.delete(timer as SetTimer)) throw new Error('This timer has fired, or was cleared.');
    (timer as SetTimer).callback();
  };
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      const timer = { callback, delayMs, dueAt: now + clampDelayMs(delayMs) };
      pending.add(timer);
      return timer;
    },
    clearTimeout: (handle) => void pending.delete(handle as SetTimer),
    get pending() {
      return [...pending];
    },
    get next() {
      let next: SetTimer | null = null;
      for (const timer of pending) if (next === null || timer.dueAt < next.dueAt) next = timer;
      return next;
    },
    jumpsTo,
    fires(timer) {
      jumpsTo(timer.dueAt);
      firesNow(timer);
    },
    firesNow,
  };
};
