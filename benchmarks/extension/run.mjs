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
/** A whole number of windows: each sample ends with its last ACK. */
const messageCount = Math.ceil(400 * scale) * 32;

const MODES = ['plain', 'plain with id and ACK', 'extension'];

/** CPU of this process, in µs a message. The same messages in frames of the same number, in one process, one mode after the other. */
const measureCpu = async () => {
  const server = fork(new URL('server.mjs', import.meta.url));
  const [{ port }] = await once(server, 'message');
  const receivers = new Map();
  for (const mode of MODES) receivers.set(mode, await connectReceiver(`ws://127.0.0.1:${port}/`, mode));
  const samples = new Map(MODES.map((mode) => [mode, []]));
  for (let round = -WARM_UP_ROUNDS; round < roundCount; round += 1) {
    // Whoever comes first meets another machine than whoever comes last: all take turns.
    const order = MODES.map((_, index) => MODES[(index + round + WARM_UP_ROUNDS) % MODES.length]);
    for (const mode of order) {
      const cpuUs = await receivers.get(mode).sample(messageCount);
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

const cpu = await measureCpu();
const browser = await measureInBrowser({
  missedCount: Math.ceil(10_000 * scale),
  outboxCount: Math.ceil(1_000 * scale),
  rounds: Math.min(roundCount, 5),
});
const [load] = loadavg();

if (args.json) console.log(JSON.stringify({ roundCount, messageCount, load, cpu, browser }));
else {
  console.log(`${roundCount} rounds of ${messageCount} messages; load average ${load.toFixed(1)}.\n`);
  console.log('| receive path | CPU µs a message | x plain, median | middle half |\n|---|---|---|---|');
  for (const [mode, { cpuUs, ratio, ratioP25, ratioP75 }] of Object.entries(cpu)) {
    console.log(
      `| ${mode} | ${cpuUs.toFixed(2)} | ${ratio.toFixed(2)} | ${ratioP25.toFixed(2)} - ${ratioP75.toFixed(2)} |`,
    );
  }
  console.log('\n| in Chromium | median of the rounds | all rounds |\n|---|---|---|');
  for (const [what, values] of Object.entries(browser)) {
    const shown = values.map((value) => Math.round(value * 100) / 100);
    console.log(`| ${what} | ${quantile(shown, 0.5)} | ${shown.join(', ')} |`);
  }
}
