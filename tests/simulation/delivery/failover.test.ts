import { describe, expect, it } from 'vitest';
import { swarmPlan } from './swarm.ts';
import { playAll } from './tally.ts';

const SEED_COUNT = 600;
const PER_TEST = 100;

/** One seed again: FLAVOUR=failover SEED=123 npx vitest run --project node tests/simulation/delivery/swarm */
describe('a swarm of faults in which shards lose their tails', () => {
  it.each(Array.from({ length: SEED_COUNT / PER_TEST }, (_, chunk) => chunk * PER_TEST))(
    'loses nothing but those tails, and says so, seeds %i and the 99 that follow',
    async (from) => {
      const plans = Array.from({ length: PER_TEST }, (_, index) =>
        swarmPlan(from + index, { failover: true }),
      );
      const tally = await playAll(plans);
      expect(tally.failures).toEqual([]);
      expect(tally.faultCounts['tail lost']).toBeGreaterThan(PER_TEST);
    },
    600_000,
  );
});
