import type { Clock, TimerHandle } from './clock.ts';

/** How late a timer may fire and still mean something. */
const SLACK_MS = 1_000;

/**
 * Gives somebody `ms` to reply; calls `onMissed` once when they have not. Returns its cancellation.
 *
 * A timer that fires late proves nothing: the page slept or was throttled, and the reply may be there, unread. Then they
 * get the whole time again.
 */
export const setDeadline = (clock: Clock, ms: number, onMissed: () => void): (() => void) => {
  let timer: TimerHandle;
  const wait = (): void => {
    const dueAt = clock.now() + ms;
    timer = clock.setTimeout(() => {
      if (clock.now() - dueAt > SLACK_MS) wait();
      else onMissed();
    }, ms);
  };
  wait();
  return () => clock.clearTimeout(timer);
};
