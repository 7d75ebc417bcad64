import type { Clock } from './clock.ts';

/** A minute, in ms. */
const WINDOW_MS = 60_000;

/** So many causes are told apart; of more, the oldest is forgotten. */
const MAX_CAUSES = 100;

/** Returns how many reports of this cause were left out since the last that was let through; null: leave this one out. */
export type ReportLimit = (cause: string) => number | null;

/** Lets `maxPerMinute` reports of each cause through in any minute, and counts the others. */
export const createReportLimit = (maxPerMinute: number, clock: Pick<Clock, 'now'>): ReportLimit => {
  const causes = new Map<string, { readonly times: number[]; leftOutCount: number }>();
  return (cause) => {
    const known = causes.get(cause) ?? { times: [], leftOutCount: 0 };
    causes.set(cause, known);
    const [oldest] = causes.keys();
    if (causes.size > MAX_CAUSES && oldest !== undefined) causes.delete(oldest);
    const now = clock.now();
    while (known.times[0] !== undefined && known.times[0] <= now - WINDOW_MS) known.times.shift();
    if (known.times.length >= maxPerMinute) {
      known.leftOutCount += 1;
      return null;
    }
    known.times.push(now);
    const { leftOutCount } = known;
    known.leftOutCount = 0;
    return leftOutCount;
  };
};
