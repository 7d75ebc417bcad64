/** See README.md. `--scale 0.01 --rounds 1 --json` is a short run for a program to read. */
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { buildForNode } from '../../scripts/build-for-node.mjs';
import { quantile } from '../quantile.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    /** The built parts of another commit, to compare with. */
    old: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const measure = fileURLToPath(new URL('measure.mjs', import.meta.url));
const built = await buildForNode({ parts: 'benchmarks/observing/parts.ts' });
const parts = join(built.directory, 'parts.js');
const candidates = {
  ...(args.old === undefined ? {} : { 'before there were observers': [args.old, 'nobody'] }),
  nobody: [parts, 'nobody'],
  'an empty one': [parts, 'an empty one'],
  Prometheus: [parts, 'Prometheus'],
  'OpenTelemetry, no provider': [parts, 'OpenTelemetry, no provider'],
};
const names = Object.keys(candidates);
const samples = Object.fromEntries(names.map((name) => [name, []]));
try {
  for (let round = 0; round < Number(args.rounds); round += 1) {
    // Which comes first alternates: a busy machine is not busy alike all the time.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        measure,
        ...candidates[name],
        args.scale,
      ]);
      samples[name].push(JSON.parse(stdout));
    }
  }
} finally {
  await built.remove();
}
const medianOf = (name, figure) =>
  quantile(
    samples[name].map((sample) => sample[figure]),
    0.5,
  );
const results = Object.fromEntries(
  names.map((name) => [name, { commandUs: medianOf(name, 'commandUs'), frameUs: medianOf(name, 'frameUs') }]),
);
if (args.json) console.log(JSON.stringify({ results }));
else {
  console.log(`load average ${loadavg()[0].toFixed(1)}, Node ${process.version}, ${args.rounds} rounds\n`);
  console.log('| observed by | CPU per durable command, µs | per live frame, µs |\n|---|---|---|');
  const [first] = names;
  for (const [name, { commandUs, frameUs }] of Object.entries(results)) {
    const ratio = (figure) => (results[name][figure] / results[first][figure]).toFixed(2);
    console.log(
      `| ${name} | ${commandUs.toFixed(1)} (${ratio('commandUs')} x) | ${frameUs.toFixed(3)} (${ratio('frameUs')} x) |`,
    );
  }
}
