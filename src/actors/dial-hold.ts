import type { Clock } from '../lib/clock.ts';

/** The most that Firefox draws for the first delay, in ms. */
const FIRST_DELAY_MS = 400;
const GROWTH = 1.5;
const LONGEST_DELAY_MS = 60_000;
/** A failure is forgotten so long after the delay that it brought, in ms. */
const LIFE_MS = 60_000;

/** What becomes of one socket that was made. */
export interface Handshake {
  /** It is done: failures are forgotten. */
  opened(): void;
  /** It failed, or the open socket was cut. */
  failed(): void;
  /** The chart gave it up. */
  gaveUp(): void;
}

/** What a browser that counts failures may do to the next dial of one connection. */
export interface DialHold {
  /** How long at most a socket that is made now may be held back, in ms; 0: not at all. */
  leftMs(): number;
  /** A socket was made. */
  dialled(): Handshake;
}

/** What a browser is thought to do: to hold a dial back for so long after the last failure. */
interface Estimate {
  readonly delayMs: number;
  readonly failedAt: number;
}

const NO_HOLD: Estimate = Object.freeze({ delayMs: 0, failedAt: 0 });

const grown = ({ delayMs }: Estimate, ...leastMs: readonly number[]): number =>
  Math.min(LONGEST_DELAY_MS, Math.max(delayMs, ...leastMs));

/**
 * Reckons how long a browser may hold a handshake back. Firefox does, per address, port and path: 200 to 400 ms after the
 * first failure, half as long again after each further one, 60 s at most, counted from the last failure. Other tabs' failures
 * count too; they show in handshakes that take long, and the estimate learns from those. Where no browser holds back, it
 * only makes a deadline longer.
 *
 * Source: RFC 6455 section 7.2.3; Firefox 153, netwerk/protocol/websocket/WebSocketChannel.cpp, FailDelay.
 */
export const createDialHold = (clock: Clock): DialHold => {
  let estimate = NO_HOLD;
  return {
    leftMs() {
      const sinceMs = clock.now() - estimate.failedAt;
      if (sinceMs >= estimate.delayMs + LIFE_MS) estimate = NO_HOLD;
      return Math.max(0, estimate.delayMs - Math.max(0, sinceMs));
    },
    dialled() {
      const dialledAt = clock.now();
      const longerMs = (): number => (clock.now() - dialledAt) * GROWTH;
      return {
        opened() {
          estimate = NO_HOLD;
        },
        failed() {
          const { delayMs } = estimate;
          const isFirst = delayMs === 0;
          estimate = {
            delayMs: isFirst ? FIRST_DELAY_MS : grown(estimate, delayMs * GROWTH, longerMs()),
            failedAt: clock.now(),
          };
        },
        gaveUp() {
          // A browser counts no failure here. If it was still holding back, it holds back for longer than was thought.
          if (estimate.delayMs > 0) estimate = { ...estimate, delayMs: grown(estimate, longerMs()) };
        },
      };
    },
  };
};
