import type { AgeReading } from '../engine/age-clock.ts';
import { openSharedClock, type SharedClock } from '../engine/shared-clock.ts';
import type { Requests } from './requests.ts';
import { CLOCK } from './scripts.ts';

/** The age clock of all processes on one Redis. */
export const openRedisClock = async (
  requests: Requests,
  key: string,
  wallMs: number,
): Promise<SharedClock> => {
  const [age, wall] = (await requests.command(key, ['HMGET', key, 'age', 'wall'])) as (string | null)[];
  const isNew = age === null || age === undefined;
  return openSharedClock({
    stored: isNew ? null : { ageMs: Number(age), wallMs: Number(wall) },
    wallMs,
    async merge(reading): Promise<AgeReading> {
      const given = [reading.ageMs, reading.wallMs].map(String);
      const [ageNow, wallNow] = (await requests.run(CLOCK, [key], given)) as [string, string];
      return { ageMs: Number(ageNow), wallMs: Number(wallNow) };
    },
  });
};
