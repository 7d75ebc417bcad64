import { describe, expect, it } from 'vitest';
import { engineScenarios } from './engine-scenarios.ts';
import { ENGINE_KINDS, type EngineKind } from './engines/engine-kind.ts';
import { run } from './run.ts';
import { swarmPlan } from './swarm.ts';
import { playAll } from './tally.ts';

const SEED_COUNT = 25;
const failsOver = (seed: number): boolean => seed % 10 > 6;

/** Faults that only a store with transactions of its own has, and what each kind must have had. */
const OWN_FAULTS: { readonly [K in EngineKind]: readonly string[] } = {
  sqlite: ['disk full', 'store stands still'],
  postgres: [
    'reply lost',
    'store restarts',
    'store stands still',
    'store fails over',
    'slot held',
    'channel lost',
  ],
  redis: [
    'reply lost',
    'store restarts',
    'store stands still',
    'store fails over',
    'tail lost',
    'channel lost',
  ],
};

/** One seed again: ENGINE=postgres SEED=12 npx vitest run --project node tests/simulation/delivery/swarm (FLAVOUR=failover for 7, 8, 9). */
describe('a swarm of faults over an engine with transactions of its own', () => {
  it.each(ENGINE_KINDS)(
    'breaks none of I2 I3 I4 I5 I6 I7 I8 I12 I14 I15 I17 I19, and no node is left out: %s',
    async (engine) => {
      const plans = Array.from({ length: SEED_COUNT }, (_, seed) =>
        swarmPlan(seed, { failover: failsOver(seed), engine }),
      );
      const tally = await playAll(plans);
      expect(tally.failures).toEqual([]);
      expect(OWN_FAULTS[engine].filter((name) => tally.faultCounts[name] === undefined)).toEqual([]);
      expect(tally.appliedCount).toBeGreaterThan(30 * SEED_COUNT);
    },
    600_000,
  );

  it.each(ENGINE_KINDS)('gives the same history for the same seed: %s', async (engine) => {
    const play = async () => (await run(swarmPlan(8, { failover: true, engine }))).history;
    const [first, second] = [await play(), await play()];
    expect(second.records).toEqual(first.records);
  });
});

describe('delivery over an engine', () => {
  it.each(engineScenarios)('holds where $name', async ({ plan }) => {
    expect((await run(plan)).breaches).toEqual([]);
  });
});
