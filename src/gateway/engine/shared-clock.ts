import { type AgeReading, createAgeClock } from './age-clock.ts';

/** How much ageing a crash may undo, in ms. */
const SAVE_EVERY_MS = 60_000;

/** The age clock of all processes on one store: it goes on where any of them has been. */
export interface SharedClock {
  /** Goes on to this wall clock, in epoch ms. @returns The age, in epoch ms. */
  advance(wallMs: number): number;
  /** The age in whole ms, where no wall clock is at hand. */
  readonly ageMs: number;
  /** Writes it down, where that is due, and takes over how far others have come. */
  save(isDue?: boolean): Promise<void>;
}

/**
 * Opens the clock of a store.
 *
 * @param options.stored What the store has, null for a new one.
 * @param options.merge Writes a reading down, in whole ms, and resolves with what the store has then: of each the highest.
 */
export const openSharedClock = async (options: {
  readonly stored: AgeReading | null;
  readonly merge: (reading: AgeReading) => Promise<AgeReading>;
  readonly wallMs: number;
}): Promise<SharedClock> => {
  const merge = ({ ageMs, wallMs }: AgeReading) =>
    options.merge({ ageMs: Math.floor(ageMs), wallMs: Math.floor(wallMs) });
  const start = Number.isFinite(options.wallMs) ? options.wallMs : 0;
  let clock = createAgeClock(options.stored ?? (await merge({ ageMs: start, wallMs: start })));
  let savedMs = clock.reading.ageMs;
  return {
    advance: (wallMs) => clock.advance(wallMs),
    get ageMs() {
      return Math.floor(clock.reading.ageMs);
    },
    async save(isDue = clock.reading.ageMs >= savedMs + SAVE_EVERY_MS) {
      if (!isDue) return;
      savedMs = clock.reading.ageMs;
      const stored = await merge(clock.reading);
      const { ageMs, wallMs } = clock.reading;
      clock = createAgeClock({
        ageMs: Math.max(ageMs, stored.ageMs),
        wallMs: Math.max(wallMs, stored.wallMs),
      });
    },
  };
};
