import { ENGINE_KINDS } from './engines/engine-kind.ts';
import { swarmPlan } from './swarm.ts';
import { playAll } from './tally.ts';

/** One process of scripts/soak-delivery.mjs: plays the seeds [from, to) and says what came of them, as JSON. A third argument is the engine's kind; `each` draws it by the seed. */
const [first, end, engineName] = process.argv.slice(2);
if (first === undefined || end === undefined) throw new Error('soak.js needs two seeds: from, to.');
const [from, to] = [Number(first), Number(end)];
const kind = ENGINE_KINDS.find((one) => one === engineName);

/** Of ten seeds the last three lose the tails of their shards as well. */
const losesTails = (seed: number): boolean => seed % 10 > 6;

/** Of four seeds one has no engine, and one each kind. */
const engineOf = (seed: number) => (engineName === 'each' ? [undefined, ...ENGINE_KINDS][seed % 4] : kind);

const plans = Array.from({ length: to - from }, (_, index) => from + index).map((seed) =>
  swarmPlan(seed, { failover: losesTails(seed), engine: engineOf(seed) }),
);
process.stdout.write(JSON.stringify(await playAll(plans)));
