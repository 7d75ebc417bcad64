import { describe, expect, it } from 'vitest';
import { ENGINE_KINDS } from './engines/engine-kind.ts';
import { original } from './parts.ts';
import { run } from './run.ts';
import { shrink } from './shrink.ts';
import { FAULT_NAMES, swarmPlan } from './swarm.ts';
import { faultCountOf, playAll, type Tally } from './tally.ts';

const SEED_COUNT = 1_400;
const PER_TEST = 100;

/** Plays one seed again, shrinks what breaks, and prints it: SEED=123 npx vitest run --project node tests/simulation/delivery/swarm */
const { SEED, FLAVOUR, ENGINE } = process.env;
const engine = ENGINE_KINDS.find((kind) => kind === ENGINE);

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
const plansFrom = (from: number) => seeds(from, PER_TEST).map((seed) => swarmPlan(seed, { failover: false }));

if (SEED === undefined) {
  describe('a swarm of faults', () => {
    const tallies: Tally[] = [];

    it.each(seeds(0, SEED_COUNT / PER_TEST).map((chunk) => chunk * PER_TEST))(
      'breaks none of I2 I3 I4 I5 I6 I7 I8 I12 I14 I15 I17 I19, seeds %i and the 99 that follow',
      async (from) => {
        const tally = await playAll(plansFrom(from));
        tallies.push(tally);
        expect(tally.failures).toEqual([]);
      },
      600_000,
    );

    it('has had every kind of fault, thousands of commands, and worlds that came to rest', () => {
      const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
      const hadFaults = new Set(tallies.flatMap(({ faultCounts }) => Object.keys(faultCounts)));
      const kinds = FAULT_NAMES.filter((name) => name !== 'tail lost' && name !== 'store guesses');
      expect(kinds.filter((name) => ![...hadFaults].some((had) => had.startsWith(name)))).toEqual([]);
      expect(sum(faultCountOf)).toBeGreaterThan(5 * SEED_COUNT);
      expect(sum(({ commandCount }) => commandCount)).toBeGreaterThan(10 * SEED_COUNT);
      expect(sum(({ appliedCount }) => appliedCount)).toBeGreaterThan(30 * SEED_COUNT);
    });
  });

  describe('the same seed', () => {
    it.each([1, 2, 3])('gives the same history, to the last frame: %i', async (seed) => {
      const play = async (failover: boolean) => (await run(swarmPlan(seed, { failover }))).history;
      for (const failover of [false, true]) {
        const [first, second] = [await play(failover), await play(failover)];
        expect(second.records).toEqual(first.records);
        expect(second.hash()).toBe(first.hash());
        expect(first.records.length).toBeGreaterThan(100);
      }
    });
  });
} else {
  it(`seed ${SEED}, flavour ${FLAVOUR ?? 'swarm'}, engine ${engine ?? 'none'}, played again`, async () => {
    const plan = swarmPlan(Number(SEED), { failover: FLAVOUR === 'failover', engine });
    const { breaches } = await run(plan);
    const [first] = breaches;
    if (first !== undefined) {
      const smallest = await shrink(plan, first.rule, first.kind, original);
      console.log(JSON.stringify(smallest, null, 1));
      for (const record of (await run(smallest)).history.records) console.log(JSON.stringify(record));
    }
    expect(breaches).toEqual([]);
  }, 600_000);
}
