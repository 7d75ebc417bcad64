/** See README.md. `--scale 0.01 --rounds 1 --json` is a short run for a program to read. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { flightRecorder } from 'statesocket';
import { quantile } from '../quantile.mjs';
import { statesocket } from '../receive-path/candidates.mjs';
import { connect, samplePair } from '../receive-path/sample.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  },
});
const roundCount = Number(args.rounds);
/** Until V8 has compiled what it will compile. */
const WARM_UP_ROUNDS = 20;
const how = { count: Math.ceil(20_000 * Number(args.scale)), withId: false, paced: false };

const server = fork(new URL('../receive-path/server.mjs', import.meta.url));
const [{ port }] = await once(server, 'message');
const url = `ws://127.0.0.1:${port}/`;
const off = await connect(statesocket(), url);
const receivers = {
  'off, against itself': await connect(statesocket(), url),
  on: await connect(statesocket({ recorder: flightRecorder() }), url),
};

const pairs = Object.fromEntries(Object.keys(receivers).map((name) => [name, []]));
for (let round = -WARM_UP_ROUNDS; round < roundCount; round += 1) {
  for (const [name, receiver] of Object.entries(receivers)) {
    const pair = await samplePair(off, receiver, how, round % 2 === 0);
    if (round >= 0) pairs[name].push(pair);
  }
}
const results = Object.fromEntries(
  Object.entries(pairs).map(([name, samples]) => {
    const us = samples.map(([, cpuUs]) => cpuUs);
    const ratios = samples.map(([offUs, cpuUs]) => cpuUs / offUs);
    return [
      name,
      {
        cpuUs: quantile(us, 0.5),
        ratio: quantile(ratios, 0.5),
        ratioP25: quantile(ratios, 0.25),
        ratioP75: quantile(ratios, 0.75),
      },
    ];
  }),
);
for (const receiver of [off, ...Object.values(receivers)]) receiver.close();
server.disconnect();

const [load] = loadavg();
if (args.json) {
  console.log(JSON.stringify({ roundCount, load, results }));
} else {
  console.log(`${roundCount} pairs of ${how.count} messages; load average ${load.toFixed(1)}.`);
  console.log('\n| recording | CPU µs a message | x off, median | middle half |\n|---|---|---|---|');
  for (const [name, { cpuUs, ratio, ratioP25, ratioP75 }] of Object.entries(results)) {
    console.log(
      `| ${name} | ${cpuUs.toFixed(2)} | ${ratio.toFixed(3)} | ${ratioP25.toFixed(2)} - ${ratioP75.toFixed(2)} |`,
    );
  }
}
