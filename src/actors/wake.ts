import type { Clock } from '../lib/clock.ts';
import { createTimer } from '../lib/timer.ts';
import type { ChartActors } from './chart-actors.ts';

/** How often the clock is compared with the timers, in ms, unless the heartbeat is slower than that. */
const CHECK_MS = 15_000;
/** A timer this much late, in ms, was not kept by a busy page but by a sleeping machine. */
const SLEPT_MS = 5_000;

/**
 * Notices that the machine slept: a timer is late by the monotonic clock. Reports it as `page.shown`, since what matters
 * is the same: somebody may be looking, and the socket may be dead.
 *
 * Where the monotonic clock stands still during sleep it notices nothing, and the heartbeat finds the dead socket.
 * `heartbeatMs`: how long the server may be silent; no check comes more often than that.
 */
export const createWakeActor =
  (clock: Clock, heartbeatMs = 0): ChartActors['wake'] =>
  ({ sendBack }) => {
    const checkMs = Math.max(CHECK_MS, heartbeatMs);
    const timer = createTimer(clock);
    const check = (): void =>
      timer.start(checkMs, (lateMs) => {
        check();
        if (lateMs > SLEPT_MS) sendBack({ type: 'page.shown' });
      });
    check();
    return timer.end;
  };
