import type { Clock, TimerHandle } from '../../../src/lib/clock.ts';
import type { Due, Scheduler } from './scheduler.ts';

/** A page or a gateway process: code that runs, stands still or is dead, with a clock of its own. */
export interface Host {
  readonly name: string;
  readonly isAlive: boolean;
  readonly clock: Clock;
  /** Something reaches this host after this long. While it stands still it waits; a dead host hears nothing. */
  after(delayMs: number, run: () => void): void;
  /** A promise that the host goes on with after this long; one that is dead never does. */
  pause(delayMs: number): Promise<void>;
  /** It stands still, as a process that was stopped or a machine that sleeps: its timers and its frames come late. */
  freeze(ms: number): void;
  /** Its clock goes this much ahead at once, while its timers stay when they are. */
  jump(ms: number): void;
  /** Nothing of its code runs any more. */
  kill(): void;
}

export const createHost = (scheduler: Scheduler, name: string): Host => {
  let isAlive = true;
  let aheadMs = 0;
  let frozenUntilMs = 0;

  /** Runs it when the host can: what came while it stood still comes when it goes on, in the old order. */
  const reach = (run: () => void, still: { due: Due | null }): void => {
    if (!isAlive) return;
    if (frozenUntilMs <= scheduler.nowMs) {
      run();
      return;
    }
    still.due = scheduler.after(frozenUntilMs - scheduler.nowMs, () => reach(run, still));
  };
  const after = (delayMs: number, run: () => void) => {
    const still: { due: Due | null } = { due: null };
    still.due = scheduler.after(delayMs, () => reach(run, still));
    return still;
  };

  return {
    name,
    get isAlive() {
      return isAlive;
    },
    clock: {
      now: () => scheduler.nowMs + aheadMs,
      setTimeout: (callback, delayMs) => after(delayMs, callback),
      clearTimeout(handle: TimerHandle) {
        const { due } = handle as { due?: Due | null };
        if (due) scheduler.cancel(due);
      },
    },
    after,
    pause: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    freeze(ms) {
      frozenUntilMs = Math.max(frozenUntilMs, scheduler.nowMs + ms);
    },
    jump(ms) {
      aheadMs += ms;
    },
    kill() {
      isAlive = false;
    },
  };
};
