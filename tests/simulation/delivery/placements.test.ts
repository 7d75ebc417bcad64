import { describe, expect, it } from 'vitest';
import { pair, placedFaults, singlesOf, uneventful } from './placements.ts';
import { run } from './run.ts';
import { playAll } from './tally.ts';

/** Each fault is placed at every so-manieth step, each at others. */
const EVERY_STEP = 14;
const PAIR_COUNT = 400;
const PAIRS_PER_TEST = 50;

describe('faults placed through a short day', async () => {
  const { stepCountAtHeal } = await run(uneventful);
  const faults = placedFaults.map((fault, index) => ({ name: Object.values(fault).join(' '), index }));

  it('have a day to be placed in', () => expect(stepCountAtHeal).toBeGreaterThan(100));

  it.each(faults)('break nothing one at a time: $name', async ({ index }) => {
    const tally = await playAll(singlesOf(index, stepCountAtHeal, EVERY_STEP));
    expect(tally.failures).toEqual([]);
    expect(tally.runCount).toBeGreaterThan(stepCountAtHeal / EVERY_STEP / 2);
  });

  it.each(Array.from({ length: PAIR_COUNT / PAIRS_PER_TEST }, (_, chunk) => chunk * PAIRS_PER_TEST))(
    'break nothing in pairs, number %i and the 49 that follow',
    async (from) => {
      const plans = Array.from({ length: PAIRS_PER_TEST }, (_, number) =>
        pair(from + number, stepCountAtHeal),
      );
      expect((await playAll(plans)).failures).toEqual([]);
    },
  );
});
