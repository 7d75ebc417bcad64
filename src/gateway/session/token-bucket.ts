import type { Clock } from '../../lib/clock.ts';

/** A rate limit that allows a burst of one second's worth. */
export interface TokenBucket {
  /** Spends one token; false when there is none. */
  take(): boolean;
  /** How long until there is one, in ms. */
  readonly waitMs: number;
}

export const createTokenBucket = (perSecond: number, clock: Clock): TokenBucket => {
  let tokens = perSecond;
  let filledAt = clock.now();
  const refill = () => {
    const now = clock.now();
    tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
  };
  return {
    take() {
      refill();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    get waitMs() {
      refill();
      return Math.ceil((Math.max(0, 1 - tokens) / perSecond) * 1000);
    },
  };
};
