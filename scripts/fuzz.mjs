/**
 * `npm run fuzz`: 1,000,000 mutated frames for the client and as many for the gateway, from a new seed.
 * `-- --frames=100000 --seed=7` says otherwise. The seed is printed: the same one gives the same frames.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const option = { type: 'string' };
const { values } = parseArgs({ options: { frames: option, seed: option } });
const frames = values.frames ?? '1000000';
if (!/^[1-9]\d*0$/.test(frames)) {
  console.error(`--frames must be a multiple of ten; it is ${frames}.`);
  process.exit(1);
}
const seed = values.seed ?? String(Date.now());
console.log(`Seed ${seed}, ${frames} frames each way.`);
const { status, error } = spawnSync('npx', ['vitest', 'run', '--project', 'node', 'tests/simulation/fuzz'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, FUZZ_FRAMES: frames, FUZZ_SEED: seed },
});
if (error) throw error;
process.exit(status ?? 1);
