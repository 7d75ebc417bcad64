import { createVirtualClock, type VirtualClock } from 'statesocket/testing';
import { settle } from './hub-harness.ts';

/** An event loop that goes round when the test says so, and a clock on which work takes time. */
export interface HeldLoop {
  readonly clock: VirtualClock;
  readonly nextTurn: (run: () => void) => void;
  /** What runs now takes so long, and holds the loop. No timer fires. */
  busy(ms: number): void;
  /** The loop goes round once; promises settle. */
  goRound(): Promise<void>;
  /** It goes round until nobody waits for it. Returns how often. */
  rest(): Promise<number>;
  /** The longest that the loop was held between two rounds so far, in ms. */
  readonly longestMs: number;
}

export const createHeldLoop = (): HeldLoop => {
  const virtual = createVirtualClock();
  let busyMs = 0;
  let next: (() => void)[] = [];
  let heldMs = 0;
  let longestMs = 0;
  const goRound = async () => {
    heldMs = 0;
    const runs = next;
    next = [];
    for (const run of runs) run();
    await settle();
  };
  return {
    clock: {
      ...virtual,
      now: () => virtual.now() + busyMs,
      get timerCount() {
        return virtual.timerCount;
      },
    },
    nextTurn: (run) => void next.push(run),
    busy(ms) {
      busyMs += ms;
      heldMs += ms;
      longestMs = Math.max(longestMs, heldMs);
    },
    goRound,
    async rest() {
      let count = 0;
      await settle();
      for (; next.length > 0; count += 1) await goRound();
      return count;
    },
    get longestMs() {
      return longestMs;
    },
  };
};
