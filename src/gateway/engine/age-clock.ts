/** The most that one step of the wall clock counts, in ms. */
export const LONGEST_STEP_MS = 24 * 60 * 60 * 1000;

/** How far an {@link AgeClock} has come, and the highest that the wall clock has been, both in epoch ms. */
export interface AgeReading {
  readonly ageMs: number;
  readonly wallMs: number;
}

/**
 * The clock by which an engine counts how old things are. It follows the server's wall clock, but a step of more than a day
 * counts as one day, and what is not beyond the highest time that it has shown counts as none. A clock that is 29 days ahead
 * for a moment costs what is kept one day of its age, however often it is, and nobody is forgotten.
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
      const step = wallMs - reading.wallMs;
      if (step > 0) reading = { ageMs: reading.ageMs + Math.min(step, LONGEST_STEP_MS), wallMs };
      return reading.ageMs;
    },
    get reading() {
      return reading;
    },
  };
};
