import { clampDelayMs } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';

/** Time that moves only when the test says so. */
export interface VirtualClock extends Clock {
  /** Lets this many ms pass. Timers fire in order, each at its own time, timers that they set included. */
  passes(ms: number): void;
  /**
   * Time jumps by this many ms, as while a machine sleeps, a tab is throttled or a process is stopped; then the timers
   * that fell due meanwhile fire, all of them late, in order.
   */
  sleeps(ms: number): void;
  /** How many timers are waiting. */
  readonly timerCount: number;
  /** How many ms until the next timer is due; null: there is none. */
  readonly nextTimerInMs: number | null;
}

/**
 * Makes a clock for the option `clock` of `createConnection`. It starts at 0 and is monotonic. Timers that are due at
 * the same time fire in the order in which they were set. A callback that throws ends the call of `passes` or `sleeps`.
 *
 * Does not touch the platform's timers: promises and real sockets go on as ever, beside it.
 *
 * @example
 * const clock = createVirtualClock();
 * const connection = createConnection({ url: 'wss://example.org', clock });
 * clock.passes(10_000);
 */
export const createVirtualClock = (): VirtualClock => {
  let now = 0;
  let lastId = 0;
  const timers = new Map<TimerHandle, { readonly dueAt: number; readonly callback: () => void }>();

  /** Of those due at the same time, the one that was set first: a Map keeps that order. */
  const nextTimer = () => {
    let next: { handle: TimerHandle; dueAt: number; callback: () => void } | null = null;
    for (const [handle, { dueAt, callback }] of timers) {
      if (next === null || dueAt < next.dueAt) next = { handle, dueAt, callback };
    }
    return next;
  };
  const fireUntil = (until: number): void => {
    for (let next = nextTimer(); next !== null && next.dueAt <= until; next = nextTimer()) {
      timers.delete(next.handle);
      now = Math.max(now, next.dueAt);
      next.callback();
    }
  };

  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      lastId += 1;
      timers.set(lastId, { dueAt: now + clampDelayMs(delayMs), callback });
      return lastId;
    },
    clearTimeout: (handle) => void timers.delete(handle),
    passes(ms) {
      const until = now + ms;
      fireUntil(until);
      now = until;
    },
    sleeps(ms) {
      now += ms;
      fireUntil(now);
    },
    get timerCount() {
      return timers.size;
    },
    get nextTimerInMs() {
      const next = nextTimer();
      return next === null ? null : Math.max(0, next.dueAt - now);
    },
  };
};
