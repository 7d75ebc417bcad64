import type { Clock } from '../lib/clock.ts';

/** A rate limit that allows a burst of one second's worth. */
export interface TokenBucket {
  /** Spends one token; false when there is none. */
  take(): boolean;
}

export const createTokenBucket = (perSecond: number, clock: Clock): TokenBucket => {
  let tokens = perSecond;
  let filledAt = clock.now();
  return {
    take() {
      const now = clock.now();
      tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
};
