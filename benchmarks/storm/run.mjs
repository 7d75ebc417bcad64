/** See README.md. `--scale 0.01 --json` is a short run for a program to read; `--down 60000` another downtime, in ms. */
import { parseArgs } from 'node:util';
import { CLIENTS } from './clients.mjs';
import { floorMsOf, seeded, settingOf, storm } from './storm.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    down: { type: 'string', default: '30000' },
    json: { type: 'boolean', default: false },
  },
});
const setting = settingOf(Number(args.scale), Number(args.down));
const SHARES = [0.9, 0.99, 1];

const rows = Object.entries(CLIENTS).map(([name, clientOf]) => {
  const { backMs, gaveUpCount, dialCount } = storm(clientOf, setting, seeded(Number(args.seed)));
  const [p90Ms, p99Ms, p100Ms] = SHARES.map(
    (share) => backMs[Math.ceil(setting.clientCount * share) - 1] ?? null,
  );
  return {
    name,
    p90Ms,
    p99Ms,
    p100Ms,
    timesFloor: p99Ms === null ? null : p99Ms / floorMsOf(setting, 0.99),
    gaveUpShare: gaveUpCount / setting.clientCount,
    dialsPerClient: dialCount / setting.clientCount,
  };
});
const [floor90Ms, floor99Ms, floor100Ms] = SHARES.map((share) => floorMsOf(setting, share));

if (args.json) {
  console.log(JSON.stringify({ floor90Ms, floor99Ms, floor100Ms, rows }));
} else {
  const seconds = (ms) => (ms === null ? 'never' : (ms / 1_000).toFixed(1));
  console.log(
    '| s from listening until back | 90 % | 99 % | 100 % | 99 %, x the floor | gave up | dials a client |',
  );
  console.log('|---|---|---|---|---|---|---|');
  console.log(`| the floor | ${[floor90Ms, floor99Ms, floor100Ms].map(seconds).join(' | ')} | 1.00 | | |`);
  for (const { name, p90Ms, p99Ms, p100Ms, timesFloor, gaveUpShare, dialsPerClient } of rows) {
    const times = [p90Ms, p99Ms, p100Ms].map(seconds).join(' | ');
    const factor = timesFloor === null ? 'never' : timesFloor.toFixed(2);
    const gaveUp = `${(100 * gaveUpShare).toFixed(gaveUpShare === 0 ? 0 : 1)} %`;
    console.log(`| ${name} | ${times} | ${factor} | ${gaveUp} | ${dialsPerClient.toFixed(1)} |`);
  }
}
