/**
 * `npm run soak:delivery`: the simulation of delivery on 200,000 seeds. `-- --seeds=2000 --from=5000 --workers=1` says otherwise;
 * `--minutes=30` ends it earlier, whole seeds only. `--engine=postgres` puts an engine of that kind behind two or three gateways (sqlite:
 * one), and `--engine=each` one that the seed draws; without it a store that takes each call as it comes.
 * Prints what happened, and each seed that broke a rule; the command at the end plays one again.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildForNode } from './build-for-node.mjs';
import { addTally, soakChunks, soakDeliveryOptions } from './soak-delivery-plan.mjs';

const PROGRESS_RUNS = 10_000;
/** A world lives a second and is thrown away: room for what is young, one thread to collect it, code compiled at its first call. */
const NODE_FLAGS = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--single-threaded-gc',
  '--always-sparkplug',
];
const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

let options;
try {
  options = soakDeliveryOptions(process.argv.slice(2), availableParallelism());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const { stdout: commit } = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root });
const built = await buildForNode({ soak: 'tests/simulation/delivery/soak.ts' });
try {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const chunks = soakChunks(options);
  let total = {};
  const work = async () => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      if (seconds() >= options.minutes * 60) return;
      const args = [
        ...NODE_FLAGS,
        join(built.directory, 'soak.js'),
        String(chunk.from),
        String(chunk.to),
        options.engine,
      ];
      const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 28 });
      const tally = JSON.parse(stdout);
      for (const { seed, breaches } of tally.failures) console.log(`broken: ${seed}: ${breaches.join('; ')}`);
      const before = total.runCount ?? 0;
      total = addTally(total, tally);
      if (Math.floor(before / PROGRESS_RUNS) < Math.floor(total.runCount / PROGRESS_RUNS))
        console.log(`${total.runCount} runs, ${total.failures.length} broken, ${seconds()} s`);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));

  console.log(JSON.stringify({ commit: commit.trim(), ...options, seconds: seconds(), ...total }, null, 1));
  const failedCount = total.failures.length;
  console.log(`${total.runCount - failedCount} passed, ${failedCount} failed`);
  if (failedCount > 0) {
    console.log('Again: SEED=12 npx vitest run --project node tests/simulation/delivery/swarm');
    console.log('A seed that ends in 7, 8 or 9: FLAVOUR=failover SEED=17 npx vitest …');
    console.log('A seed that begins with an engine: ENGINE=postgres SEED=12 npx vitest …');
    process.exitCode = 1;
  }
} finally {
  await built.remove();
}
