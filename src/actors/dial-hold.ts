import type { Clock } from '../lib/clock.ts';

/** The most that Firefox draws for the first delay, in ms. */
const FIRST_DELAY_MS = 400;
const GROWTH = 1.5;
const LONGEST_DELAY_MS = 60_000;
/** A failure is forgotten so long after the delay that it brought, in ms. */
const LIFE_MS = 60_000;

/** What a browser that counts failures may do to the next dial of one connection. */
export interface DialHold {
  /** How long at most a socket that is made now may be held back, in ms; 0: not at all. */
  leftMs(): number;
  /** A socket was made. */
  dialled(): void;
  /** The handshake is done: failures are forgotten. */
  opened(): void;
  /** The handshake failed, or an open socket was cut. */
  failed(): void;
  /** The chart gave the handshake up. */
  gaveUp(): void;
}

/**
 * Reckons how long a browser may hold a handshake back. Firefox does, per address, port and path: 200 to 400 ms after the
 * first failure, half as long again after each further one, 60 s at most, counted from the last failure. Other tabs' failures
 * count too; they show in handshakes that take long, and the estimate learns from those. Where no browser holds back, it
 * only makes a deadline longer.
 *
 * Source: RFC 6455 section 7.2.3; Firefox 153, netwerk/protocol/websocket/WebSocketChannel.cpp, FailDelay.
 */
export const createDialHold = (clock: Clock): DialHold => {
  let delayMs = 0;
  let failedAt = 0;
  let dialledAt = 0;

  const growTo = (...leastMs: number[]): void => {
    delayMs = Math.min(LONGEST_DELAY_MS, Math.max(delayMs, ...leastMs));
  };
  const tookMs = (): number => clock.now() - dialledAt;

  return {
    leftMs() {
      const sinceMs = clock.now() - failedAt;
      if (sinceMs >= delayMs + LIFE_MS) delayMs = 0;
      return Math.max(0, delayMs - Math.max(0, sinceMs));
    },
    dialled() {
      dialledAt = clock.now();
    },
    opened() {
      delayMs = 0;
    },
    failed() {
      if (delayMs === 0) growTo(FIRST_DELAY_MS);
      else growTo(delayMs * GROWTH, tookMs() * GROWTH);
      failedAt = clock.now();
    },
    gaveUp() {
      // A browser counts no failure here. If it was still holding back, it holds back for longer than was thought.
      if (delayMs > 0) growTo(tookMs() * GROWTH);
    },
  };
};
