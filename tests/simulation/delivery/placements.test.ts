import { describe, expect, it } from 'vitest';
import { pair, placedFaults, singles, uneventful } from './placements.ts';
import { run } from './run.ts';
import { playAll } from './tally.ts';

/** Each fault is placed at every so-manieth step here, each at others; at every step by `npm run soak:delivery`. */
const EVERY_STEP = 14;
const PAIR_COUNT = 400;

describe('faults placed through a short day', async () => {
  const { stepCountAtHeal } = await run(uneventful);

  it('have a day to be placed in', () => expect(stepCountAtHeal).toBeGreaterThan(100));

  it('break nothing one at a time', async () => {
    const tally = await playAll(singles(stepCountAtHeal, EVERY_STEP));
    expect(tally.failures).toEqual([]);
    expect(tally.runCount).toBeGreaterThan((placedFaults.length * stepCountAtHeal) / EVERY_STEP / 2);
  }, 120_000);

  it('break nothing in pairs', async () => {
    const plans = Array.from({ length: PAIR_COUNT }, (_, number) => pair(number, stepCountAtHeal));
    expect((await playAll(plans)).failures).toEqual([]);
  }, 120_000);
});
