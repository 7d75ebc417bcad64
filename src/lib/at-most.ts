import type { Clock } from './clock.ts';
import { createTimer } from './timer.ts';

/** Resolves when the work has, and after so many ms if it has not. Rejects as the work does. Leaves no timer. */
export const atMost = async (clock: Clock, ms: number, work: Promise<unknown>): Promise<void> => {
  const timer = createTimer(clock);
  const isOver = new Promise<void>((resolve) => timer.start(ms, () => resolve()));
  await Promise.race([work, isOver]).finally(timer.stop);
};
