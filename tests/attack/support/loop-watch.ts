import { monitorEventLoopDelay } from 'node:perf_hooks';
import { onTestFinished } from 'vitest';

/** Watches how often the event loop goes round, and how much is done each time. */
export interface LoopWatch {
  /** How often it went round so far. */
  readonly roundCount: number;
  /** The most that was done between two rounds so far. */
  readonly mostDoneCount: number;
  /** Something was done. */
  done(): void;
  /** The longest delay of a timer so far, in ms: a figure to report, nothing to assert. */
  readonly longestMs: number;
}

export const watchLoop = (): LoopWatch => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let roundCount = 0;
  let doneCount = 0;
  let mostDoneCount = 0;
  let isWatching = true;
  const goRound = () => {
    roundCount += 1;
    doneCount = 0;
    if (isWatching) setImmediate(goRound);
  };
  setImmediate(goRound);
  delay.enable();
  onTestFinished(() => {
    isWatching = false;
    delay.disable();
  });
  return {
    get roundCount() {
      return roundCount;
    },
    get mostDoneCount() {
      return mostDoneCount;
    },
    done() {
      doneCount += 1;
      mostDoneCount = Math.max(mostDoneCount, doneCount);
    },
    get longestMs() {
      return delay.max / 1e6;
    },
  };
};
