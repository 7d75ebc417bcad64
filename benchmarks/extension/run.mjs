/** See README.md. `--scale 0.01 --rounds 1 --json` is a short run for a program to read. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { quantile } from '../quantile.mjs';
import { measureInBrowser } from './in-browser.mjs';
import { connectReceiver } from './receiver.mjs';

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
/** Whole windows: each sample ends with its last ACK. */
const SERIES = {
  'in frames of 32': { count: Math.ceil(100 * scale) * 32, paced: false },
  'one a read': { count: Math.ceil(100 * scale) * 32, paced: true },
};

const MODES = ['plain', 'plain with id and ACK', 'extension'];

/** CPU of this process, in µs a message: the same messages in each mode, side by side. */
const measureCpu = async ({ count, paced }) => {
  const server = fork(new URL('server.mjs', import.meta.url));
  const [{ port }] = await once(server, 'message');
  const receivers = new Map();
  for (const mode of MODES) receivers.set(mode, await connectReceiver(`ws://127.0.0.1:${port}/`, mode));
  const samples = new Map(MODES.map((mode) => [mode, []]));
  for (let round = -WARM_UP_ROUNDS; round < roundCount; round += 1) {
    // Whoever comes first meets another machine than whoever comes last: all take turns.
    const order = MODES.map((_, index) => MODES[(index + round + WARM_UP_ROUNDS) % MODES.length]);
    for (const mode of order) {
      const cpuUs = await receivers.get(mode).sample(count, paced);
      if (round >= 0) samples.get(mode).push(cpuUs);
    }
  }
  for (const { close } of receivers.values()) close();
  server.disconnect();
  return Object.fromEntries(
    MODES.map((mode) => {
      const ratios = samples.get(mode).map((cpuUs, round) => cpuUs / samples.get('plain')[round]);
      return [
        mode,
        {
          cpuUs: quantile(samples.get(mode), 0.5),
          ratio: quantile(ratios, 0.5),
          ratioP25: quantile(ratios, 0.25),
          ratioP75: quantile(ratios, 0.75),
        },
      ];
    }),
  );
};

const cpu = {};
for (const [series, how] of Object.entries(SERIES)) cpu[series] = await measureCpu(how);
const browser = await measureInBrowser({
  missedCount: Math.ceil(10_000 * scale),
  outboxCount: Math.ceil(1_000 * scale),
  rounds: Math.min(roundCount, 5),
});
const [load] = loadavg();

if (args.json) console.log(JSON.stringify({ roundCount, load, cpu, browser }));
else {
  console.log(`${roundCount} rounds; load average ${load.toFixed(1)}.`);
  for (const [series, rows] of Object.entries(cpu)) {
    console.log(`\n| ${series} | CPU µs a message | x plain, median | middle half |\n|---|---|---|---|`);
    for (const [mode, { cpuUs, ratio, ratioP25, ratioP75 }] of Object.entries(rows)) {
      console.log(
        `| ${mode} | ${cpuUs.toFixed(2)} | ${ratio.toFixed(2)} | ${ratioP25.toFixed(2)} - ${ratioP75.toFixed(2)} |`,
      );
    }
  }
  console.log('\n| in Chromium | median of the rounds | all rounds |\n|---|---|---|');
  for (const [what, values] of Object.entries(browser)) {
    const shown = values.map((value) => Math.round(value * 100) / 100);
    console.log(`| ${what} | ${quantile(shown, 0.5)} | ${shown.join(', ')} |`);
  }
}
