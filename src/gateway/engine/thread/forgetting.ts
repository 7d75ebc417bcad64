import type Database from 'libsql';
import { MARK_AGE_MS } from '../retention.ts';

/**
 * Forgets rows of a table that nobody touched for 28 days. The oldest of them is known in between, so that it costs nothing
 * while there is nothing to forget: what is touched is younger.
 *
 * @param drop Forgets all that was touched before a moment of the age clock.
 * @returns To be called in each transaction, with the age clock.
 */
export const createForgetting = (
  database: Database.Database,
  table: string,
  drop: (touchedBeforeMs: number) => void,
): ((ageMs: number) => void) => {
  const readOldest = database.prepare(`SELECT min(touched_at) AS at FROM ${table}`);
  let oldestMs = Number.NEGATIVE_INFINITY;
  return (ageMs) => {
    if (oldestMs >= ageMs - MARK_AGE_MS) return;
    drop(ageMs - MARK_AGE_MS);
    oldestMs = (readOldest.get() as { at: number | null }).at ?? ageMs;
  };
};
