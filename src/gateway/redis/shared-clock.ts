import { type AgeReading, createAgeClock } from '../engine/age-clock.ts';
import type { Requests } from './requests.ts';
import { CLOCK } from './scripts.ts';

/** How much ageing a crash may undo, in ms. */
const SAVE_EVERY_MS = 60_000;

/** The age clock of all processes on one Redis: it goes on where any of them has been. */
export interface SharedClock {
  /** Without a wall clock it stands still. */
  advance(wallMs?: number): number;
  /** Writes it down, where that is due, and takes over how far others have come. */
  save(isDue?: boolean): Promise<void>;
}

export const openSharedClock = async (
  requests: Requests,
  key: string,
  wallMs: number,
): Promise<SharedClock> => {
  const merge = async ({ ageMs, wallMs: highest }: AgeReading): Promise<AgeReading> => {
    const given = [ageMs, highest].map((ms) => String(Math.floor(ms)));
    const [age, wall] = (await requests.run(CLOCK, [key], given)) as [string, string];
    return { ageMs: Number(age), wallMs: Number(wall) };
  };
  const [age, wall] = (await requests.command(key, ['HMGET', key, 'age', 'wall'])) as (string | null)[];
  const start = Number.isFinite(wallMs) ? wallMs : 0;
  const isNew = age === null || age === undefined;
  let clock = createAgeClock(
    isNew ? await merge({ ageMs: start, wallMs: start }) : { ageMs: Number(age), wallMs: Number(wall) },
  );
  let savedMs = clock.reading.ageMs;
  return {
    advance: (ms) => Math.floor(ms === undefined ? clock.reading.ageMs : clock.advance(ms)),
    async save(isDue = clock.reading.ageMs >= savedMs + SAVE_EVERY_MS) {
      if (!isDue) return;
      savedMs = clock.reading.ageMs;
      const stored = await merge(clock.reading);
      const { ageMs, wallMs: highest } = clock.reading;
      clock = createAgeClock({
        ageMs: Math.max(ageMs, stored.ageMs),
        wallMs: Math.max(highest, stored.wallMs),
      });
    },
  };
};
