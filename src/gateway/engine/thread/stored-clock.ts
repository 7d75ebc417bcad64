import type Database from 'libsql';
import { type AgeClock, createAgeClock } from '../age-clock.ts';

/** How far the clock may be ahead of what the file says of it, in ms: so much ageing a crash may undo. */
const WRITE_EVERY_MS = 60_000;

interface Row {
  readonly ageMs: number;
  readonly wallMs: number;
}

/** The age clock of a file: it goes on where it was when the file was open last. */
export interface StoredClock extends AgeClock {
  /** Writes it down, where that is due. */
  save(): void;
}

/** @param wallMs The server's clock, for a file that has none yet. */
export const openStoredClock = (database: Database.Database, wallMs: number): StoredClock => {
  const read = database.prepare('SELECT age_ms AS ageMs, wall_ms AS wallMs FROM statesocket_clock');
  const write = database.prepare(
    'INSERT OR REPLACE INTO statesocket_clock (id, age_ms, wall_ms) VALUES (1, ?, ?)',
  );
  // A file of before this clock has ages by the wall clock, the newest of them perhaps from a moment when it was ahead.
  const readNewest = database.prepare(
    `SELECT max(at) AS at FROM (SELECT max(touched_at) AS at FROM statesocket_mark
       UNION ALL SELECT max(touched_at) FROM statesocket_client)`,
  );
  const firstReading = (): Row => {
    const { at } = readNewest.get() as { at: number | null };
    const ageMs = Math.min(at ?? wallMs, wallMs);
    return { ageMs, wallMs: ageMs };
  };
  const stored = read.get() as Row | undefined;
  const clock = createAgeClock(stored ?? firstReading());
  let savedMs = stored?.ageMs ?? Number.NEGATIVE_INFINITY;
  return {
    advance: clock.advance,
    get reading() {
      return clock.reading;
    },
    save() {
      const { reading } = clock;
      if (reading.ageMs < savedMs + WRITE_EVERY_MS) return;
      write.run(Math.floor(reading.ageMs), Math.floor(reading.wallMs));
      savedMs = reading.ageMs;
    },
  };
};
