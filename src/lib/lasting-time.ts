import type { Clock } from './clock.ts';

/** What the two clocks may differ by without meaning anything, in ms: one of them counts whole milliseconds, and both are corrected. */
const SLACK_MS = 1_000;
/** Longer than a page sleeps, in ms: a wall clock that gains more than that at once was set. */
const MAX_SLEEP_MS = 60 * 24 * 60 * 60 * 1_000;

/**
 * Makes a time of day for ages that outlive a page, in ms since 1970. It begins with the wall clock and never runs back. It
 * counts sleep, which a monotonic clock may not: what the wall clock gains on it, up to 60 days at once. A wall clock that is set
 * forward within that passes for sleep; any other change of it moves nothing.
 */
export const createLastingTime = (clock: Pick<Clock, 'now' | 'wallNow'>): (() => number) => {
  const wallNow = (): number => clock.wallNow?.() ?? clock.now();
  const readingAt = (steadyMs: number, wallMs: number, time: number) => ({ steadyMs, wallMs, time });
  const begin = wallNow();
  /** Where both clocks stood when the time was last corrected. */
  let corrected = readingAt(clock.now(), begin, begin);
  return () => {
    const [steadyMs, wallMs] = [clock.now(), wallNow()];
    const passedMs = Math.max(0, steadyMs - corrected.steadyMs);
    const gainedMs = wallMs - corrected.wallMs - passedMs;
    if (Math.abs(gainedMs) <= SLACK_MS) return corrected.time + passedMs;
    const sleptMs = gainedMs > 0 && gainedMs <= MAX_SLEEP_MS ? gainedMs : 0;
    corrected = readingAt(steadyMs, wallMs, corrected.time + passedMs + sleptMs);
    return corrected.time;
  };
};
