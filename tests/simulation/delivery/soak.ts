import { swarmPlan } from './swarm.ts';
import { playAll } from './tally.ts';

/** One process of scripts/soak-delivery.mjs: plays the seeds [from, to) and says what came of them, as JSON. */
const [from, to] = process.argv.slice(2).map(Number);
if (from === undefined || to === undefined) throw new Error('soak.js needs two seeds: from, to.');

/** Of ten seeds the last three lose the tails of their shards as well. */
const losesTails = (seed: number): boolean => seed % 10 > 6;

const plans = Array.from({ length: to - from }, (_, index) => from + index).map((seed) =>
  swarmPlan(seed, { failover: losesTails(seed) }),
);
process.stdout.write(JSON.stringify(await playAll(plans)));
