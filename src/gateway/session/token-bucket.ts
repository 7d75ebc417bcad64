import type { Clock } from '../../lib/clock.ts';

/** A rate limit that allows a burst of one second's worth. */
export interface TokenBucket {
  /** Spends so many tokens, or none and returns false when there are not enough. @default one */
  take(count?: number): boolean;
  /** How long until there is one, in ms. */
  readonly waitMs: number;
}

class Bucket implements TokenBucket {
  private tokens: number;
  private filledAt: number;
  private readonly perSecond: number;
  private readonly clock: Clock;

  constructor(perSecond: number, clock: Clock) {
    this.tokens = perSecond;
    this.filledAt = clock.now();
    this.perSecond = perSecond;
    this.clock = clock;
  }

  take(count = 1) {
    if (count <= 0) return true;
    this.refill();
    if (this.tokens < count) return false;
    this.tokens -= count;
    return true;
  }

  get waitMs() {
    this.refill();
    return Math.ceil((Math.max(0, 1 - this.tokens) / this.perSecond) * 1000);
  }

  private refill() {
    const now = this.clock.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
  }
}

export const createTokenBucket = (perSecond: number, clock: Clock): TokenBucket =>
  new Bucket(perSecond, clock);
