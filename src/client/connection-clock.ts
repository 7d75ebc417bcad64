import { type ChartClock, createChartClock } from '../actors/chart-clock.ts';
import { type Clock, createPlatformClock } from '../lib/clock.ts';
import { safeClock } from '../lib/safe-clock.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

const OF_PLATFORM =
  "The platform's `performance` is incomplete; time is counted by what is left of it, or by Date.now().";
const OF_APP = "The clock option failed; the platform's clock stands in where it does.";

/** The clock of a connection: the app's, or the platform's. A fault of it is reported once, and breaks nothing. */
export const connectionClock = (
  clock: Clock | undefined,
  report: (error: StatesocketError) => void,
): ChartClock => {
  const failed = (what: string) => (cause: unknown) =>
    report(mistake(['clock'], 'clock-failed', what, { cause }));
  // What the platform's own clock does when fake timers are installed under it is no fault.
  return createChartClock(
    clock === undefined
      ? safeClock(createPlatformClock(failed(OF_PLATFORM)), () => {})
      : safeClock(clock, failed(OF_APP)),
  );
};
