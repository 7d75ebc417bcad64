import type { Clock } from './clock.ts';
import { createTimer } from './timer.ts';

/** Gives somebody `ms`; calls `onMissed` once when they have missed it, as {@link Timer.expect} does. Returns its cancellation. */
export const setDeadline = (clock: Clock, ms: number, onMissed: () => void): (() => void) => {
  const timer = createTimer(clock);
  timer.expect(ms, onMissed);
  return timer.stop;
};
