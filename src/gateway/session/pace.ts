import type { Clock, TimerHandle } from '../../lib/clock.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Lets through as many as a bucket allows, and makes the others wait. */
export interface Pace {
  /** Resolves when there is a token, and spends it; at once after `end`. One caller at a time. */
  turn(): Promise<void>;
  /** Nobody waits any more. */
  end(): void;
}

export const createPace = (bucket: TokenBucket, clock: Clock): Pace => {
  let waiting: { readonly timer: TimerHandle; readonly goOn: () => void } | 'ended' | null = null;
  return {
    async turn() {
      while (waiting !== 'ended' && !bucket.take()) {
        await new Promise<void>((resolve) => {
          const goOn = (): void => {
            waiting = null;
            resolve();
          };
          waiting = { timer: clock.setTimeout(goOn, bucket.waitMs), goOn };
        });
      }
    },
    end() {
      const ending = waiting;
      if (ending !== null && ending !== 'ended') {
        clock.clearTimeout(ending.timer);
        ending.goOn();
      }
      waiting = 'ended';
    },
  };
};
