/** Two beats are a habit. */
const HABIT_COUNT = 2;
const MIN_GAP_MS = 1_000;
const MAX_MS = 300_000;
const NEVER_MS = 2 ** 31 - 1;

/** How rarely a server may beat that has not said it, by the beats that came: the longest pause on its socket, and a quarter more. */
export const createHabitModel = (leastMs: number, now: () => number) => {
  let intervalMs = leastMs;
  let beatAt: number | null = null;
  let longestMs = 0;
  let count = 0;
  return {
    get intervalMs() {
      return intervalMs;
    },
    get shows() {
      return count >= HABIT_COUNT;
    },
    begins(): void {
      beatAt = null;
      longestMs = 0;
      count = 0;
    },
    beats(): void {
      const pauseMs = beatAt === null ? 0 : now() - beatAt;
      beatAt = now();
      if (pauseMs > MAX_MS) return;
      count += 1;
      if (pauseMs < MIN_GAP_MS || pauseMs <= longestMs) return;
      longestMs = pauseMs;
      intervalMs = Math.min(MAX_MS, Math.max(leastMs, pauseMs * 1.25));
    },
    /** Its socket was given up: it may only be slower than was assumed. */
    gaveUp(): void {
      intervalMs = intervalMs >= MAX_MS ? NEVER_MS : Math.min(MAX_MS, intervalMs * 2);
    },
  };
};
