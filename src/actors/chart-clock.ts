import type { TimerHandle } from '../lib/clock.ts';
import type { SafeClock } from '../lib/safe-clock.ts';

/** The clock a chart and its actors run on: it knows its pending timers, so that they can be ended or stop holding a Node process. */
export interface ChartClock extends SafeClock {
  /**
   * Whether pending timers keep a Node process alive. They do while the connection is wanted; a refund that is still
   * due after disconnect() must not hold the process for a minute. In browsers this has no meaning.
   */
  holdProcess(hold: boolean): void;
  /** Ends every pending timer (I10). A chart that crashed does not end its own. */
  clearAll(): void;
}

const nodeTimer = (handle: TimerHandle): { ref?(): void; unref?(): void } =>
  typeof handle === 'object' ? handle : {};

export const createChartClock = (clock: SafeClock): ChartClock => {
  const pending = new Set<TimerHandle>();
  let holds = true;
  return {
    now: clock.now,
    wallNow: clock.wallNow,
    setTimeout(callback, delayMs) {
      const handle = clock.setTimeout(() => {
        pending.delete(handle);
        callback();
      }, delayMs);
      pending.add(handle);
      if (!holds) nodeTimer(handle).unref?.();
      return handle;
    },
    clearTimeout(handle) {
      pending.delete(handle);
      clock.clearTimeout(handle);
    },
    holdProcess(hold) {
      if (hold === holds) return;
      holds = hold;
      for (const handle of pending) {
        const timer = nodeTimer(handle);
        if (hold) timer.ref?.();
        else timer.unref?.();
      }
    },
    clearAll() {
      for (const handle of pending) clock.clearTimeout(handle);
      pending.clear();
    },
  };
};
