/** The most that one step of the wall clock counts, in ms. */
export const LONGEST_STEP_MS = 24 * 60 * 60 * 1000;

/** How far an {@link AgeClock} has come, and the wall clock at that moment, both in epoch ms. */
export interface AgeReading {
  readonly ageMs: number;
  readonly wallMs: number;
}

/**
 * The clock by which an engine counts how old things are. It follows the server's wall clock, but a step of more than a day
 * counts as one day, and a step back as none: a clock that is 29 days ahead for a moment costs what is kept one day of its
 * age, and nobody is forgotten.
 */
export interface AgeClock {
  /** Goes on to this wall clock. @returns The age clock, in epoch ms; it never goes back. */
  advance(wallMs: number): number;
  readonly reading: AgeReading;
}

export const createAgeClock = (from: AgeReading): AgeClock => {
  let reading = from;
  return {
    advance(wallMs) {
      // What is no time tells nothing, and would stop the clock for good.
      if (!Number.isFinite(wallMs)) return reading.ageMs;
      const step = Math.min(Math.max(wallMs - reading.wallMs, 0), LONGEST_STEP_MS);
      reading = { ageMs: reading.ageMs + step, wallMs };
      return reading.ageMs;
    },
    get reading() {
      return reading;
    },
  };
};
