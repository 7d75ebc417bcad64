/** See README.md. `--scale 0.01` is a short run, `--only NAME` one row of the table. */
import { parseArgs } from 'node:util';
import { quantile } from '../quantile.mjs';
import { floorMsOf, seeded, settingOf, storm } from '../storm/storm.mjs';
import { POLICIES } from './policies.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const scale = Number(args.scale);
const STORM_DOWN_MS = [10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 50_000, 60_000];
/** Downtimes are drawn evenly between these. */
const RESTARTS_MS = [
  [1_000, 3_000],
  [3_000, 6_000],
  [6_000, 10_000],
  [10_000, 15_000],
  [15_000, 30_000],
];
const MINUTE_MS = 60_000;
/** Whoever dials more often never gives up. */
const DIAL_LIMIT = 100;

/** When a client dials that lost its server at 0, which refuses it at once, for ever or until `untilMs`. */
const dialsOf = (clientOf, random, untilMs = Number.POSITIVE_INFINITY) => {
  const client = clientOf(random);
  const dialsAt = [];
  for (let at = client(0); at !== null && dialsAt.length < DIAL_LIMIT; at = client(at)) {
    dialsAt.push(at);
    if (at >= untilMs) break;
  }
  return dialsAt;
};

/** The ms from listening to the next dial. */
const restartWaitsMs = (clientOf, leastMs, mostMs, random) =>
  Array.from({ length: 50_000 * scale }, () => {
    const downMs = leastMs + (mostMs - leastMs) * random();
    return dialsOf(clientOf, random, downMs).at(-1) - downMs;
  });

/** When 99 % are back after a storm, in times the least possible; null: never. */
const stormTimesFloor = (clientOf, downMs, random) => {
  const setting = settingOf(scale, downMs);
  const { backMs } = storm(clientOf, setting, random);
  const p99Ms = backMs[Math.ceil(setting.clientCount * 0.99) - 1];
  return p99Ms === undefined ? null : p99Ms / floorMsOf(setting, 0.99);
};

const { only = null } = args;
// Each row has dice of its own, so that one alone is the same as among all.
const chosen = Object.entries(POLICIES).filter(([name]) => only === null || name === only);
const rows = chosen.map(([name, clientOf]) => {
  const random = seeded(Number(args.seed));
  const outages = Array.from({ length: 5_000 * scale }, () => dialsOf(clientOf, random));
  const patienceMs = quantile(
    outages.map((dialsAt) => dialsAt.at(-1)),
    0.5,
  );
  const storms = STORM_DOWN_MS.map((downMs) => stormTimesFloor(clientOf, downMs, random));
  return {
    name,
    restartMs: RESTARTS_MS.map(([leastMs, mostMs]) =>
      quantile(restartWaitsMs(clientOf, leastMs, mostMs, random), 0.5),
    ),
    stormTimesFloor: storms[STORM_DOWN_MS.indexOf(30_000)],
    worstTimesFloor: storms.includes(null) ? null : Math.max(...storms),
    dialsInMinute: quantile(
      outages.map((dialsAt) => dialsAt.filter((at) => at <= MINUTE_MS).length),
      0.5,
    ),
    patienceMinutes: outages[0].length === DIAL_LIMIT ? null : patienceMs / MINUTE_MS,
  };
});

const never = (value, digits) => (value === null ? 'never' : value.toFixed(digits));
const down = RESTARTS_MS.map(([leastMs, mostMs]) => `down ${leastMs / 1_000} to ${mostMs / 1_000} s`);
console.log(
  `| | ${down.join(' | ')} | storm, down 30 s | down 10 to 60 s, worst | dials in 60 s | gives up, min |`,
);
console.log(`|${'---|'.repeat(down.length + 5)}`);
for (const row of rows) {
  const cells = [
    ...row.restartMs.map((ms) => (ms / 1_000).toFixed(2)),
    never(row.stormTimesFloor, 2),
    never(row.worstTimesFloor, 2),
    row.dialsInMinute,
    never(row.patienceMinutes, 1),
  ];
  console.log(`| ${[row.name, ...cells].join(' | ')} |`);
}
