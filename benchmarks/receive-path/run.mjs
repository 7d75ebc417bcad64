/** See README.md. `--scale 0.01 --rounds 1 --json` is a short run for a program to read. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { quantile } from '../quantile.mjs';
import { CANDIDATES } from './candidates.mjs';
import { connect, samplePair } from './sample.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
  },
});
const scale = Number(args.scale);
const roundCount = Number(args.rounds);
/** Until V8 has compiled what it will compile. */
const WARM_UP_ROUNDS = 8;

/** The messages of one sample take 10 to 40 ms of CPU, far above what can be measured. */
const SERIES = {
  'without id, in bursts': { count: 20_000, withId: false, paced: false },
  'without id, one a read': { count: 6_000, withId: false, paced: true },
  'with id and ACK, in bursts': { count: 1_000, withId: true, paced: false },
};

const server = fork(new URL('server.mjs', import.meta.url));
const [{ port, bytes }] = await once(server, 'message');
const receivers = new Map();
for (const [name, candidate] of Object.entries(CANDIDATES)) {
  receivers.set(name, await connect(candidate, `ws://127.0.0.1:${port}/`));
}
const raw = receivers.get('raw');

const results = {};
for (const [series, { count, ...how }] of Object.entries(SERIES)) {
  const scaled = { count: Math.ceil(count * scale), ...how };
  const pairs = new Map([...receivers.keys()].map((name) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < roundCount; round += 1) {
    for (const [name, receiver] of receivers) {
      const [rawUs, cpuUs] = await samplePair(raw, receiver, scaled, round % 2 === 0);
      if (round >= 0) pairs.get(name).push({ rawUs, cpuUs });
    }
  }
  results[series] = Object.fromEntries(
    [...pairs].map(([name, samples]) => {
      const ratios = samples.map(({ rawUs, cpuUs }) => cpuUs / rawUs);
      return [
        name,
        {
          cpuUs: quantile(
            samples.map(({ cpuUs }) => cpuUs),
            0.5,
          ),
          ratio: quantile(ratios, 0.5),
          ratioP25: quantile(ratios, 0.25),
          ratioP75: quantile(ratios, 0.75),
        },
      ];
    }),
  );
}
for (const receiver of receivers.values()) receiver.close();
server.disconnect();

const [load] = loadavg();

if (args.json) {
  console.log(JSON.stringify({ roundCount, bytes, load, results }));
} else {
  console.log(`Messages of about ${bytes} bytes, ${roundCount} pairs each; load average ${load.toFixed(1)}.`);
  for (const [series, rows] of Object.entries(results)) {
    console.log(`\n| ${series} | CPU µs a message | x raw, median | middle half |\n|---|---|---|---|`);
    for (const [name, { cpuUs, ratio, ratioP25, ratioP75 }] of Object.entries(rows)) {
      console.log(
        `| ${name} | ${cpuUs.toFixed(2)} | ${ratio.toFixed(2)} | ${ratioP25.toFixed(2)} - ${ratioP75.toFixed(2)} |`,
      );
    }
  }
}
