import type { Clock } from '../lib/clock.ts';
import { createTimerLine } from './timer-line.ts';

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
  const line = createTimerLine();
  const fireUntil = (until: number): void => {
    for (let { next } = line; next !== null && next.dueAt <= until; { next } = line) line.fires(next);
  };
  return {
    now: line.now,
    setTimeout: line.setTimeout,
    clearTimeout: line.clearTimeout,
    passes(ms) {
      const until = line.now() + ms;
      fireUntil(until);
      line.jumpsTo(until);
    },
    sleeps(ms) {
      line.jumpsTo(line.now() + ms);
      fireUntil(line.now());
    },
    get timerCount() {
      return line.pending.length;
    },
    get nextTimerInMs() {
      const { next } = line;
      return next === null ? null : Math.max(0, next.dueAt - line.now());
    },
  };
};
