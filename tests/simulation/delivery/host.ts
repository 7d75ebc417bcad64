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

/** Something for the host's code: a frame, a timer, an answer. Null: it was done, or called off. */
interface Arrival {
  act: (() => void) | null;
  due: Due | null;
}

export const createHost = (scheduler: Scheduler, name: string): Host => {
  let isAlive = true;
  let aheadMs = 0;
  let frozenUntilMs = 0;

  /** What reached it while it stood still, in order. */
  let held: Arrival[] = [];

  const run = (arrival: Arrival): void => {
    const { act } = arrival;
    arrival.act = null;
    if (isAlive) act?.();
  };
  /** One after the other, each a step of its own. */
  const goOn = (): void => {
    if (frozenUntilMs > scheduler.nowMs) {
      scheduler.at(frozenUntilMs, goOn);
      return;
    }
    const next = held.shift();
    if (next !== undefined) run(next);
    if (held.length > 0) scheduler.after(0, goOn);
  };
  const reach = (arrival: Arrival): void => {
    if (held.length === 0 && frozenUntilMs <= scheduler.nowMs) {
      run(arrival);
      return;
    }
    held.push(arrival);
    if (held.length === 1) scheduler.at(frozenUntilMs, goOn);
  };
  const after = (delayMs: number, act: () => void): Arrival => {
    const arrival: Arrival = { act, due: null };
    arrival.due = scheduler.after(delayMs, () => reach(arrival));
    return arrival;
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
        const arrival = handle as Arrival;
        arrival.act = null;
        if (arrival.due !== null) scheduler.cancel(arrival.due);
      },
    },
    after: (delayMs, act) => void after(delayMs, act),
    pause: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    freeze(ms) {
      frozenUntilMs = Math.max(frozenUntilMs, scheduler.nowMs + ms);
    },
    jump(ms) {
      aheadMs += ms;
    },
    kill() {
      isAlive = false;
      held = [];
    },
  };
};
