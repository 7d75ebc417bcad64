/**
 * See README.md. `--minutes 3`, `--seed 7`; `--only statesocket --seconds 5 --json` is a short run for a program to read.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildForNode } from '../../scripts/build-for-node.mjs';

const { values: args } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '20261124' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const durationMs = args.seconds === undefined ? Number(args.minutes) * 60_000 : Number(args.seconds) * 1_000;
const built = await buildForNode({
  torture: 'benchmarks/delivery/torture.ts',
  server: 'tests/integration/torture/gateway-server.ts',
});
const { torture, openMember, witnessed } = await import(join(built.directory, 'torture.js'));
const server = (name) => fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));

const socketIo = (serverName, witness) => async () => {
  const { openSocketIoMember } = await import('./socket-io-member.mjs');
  const { [witness]: seen } = await import('./emitted.mjs');
  return { serverScript: server(serverName), open: openSocketIoMember, witnessed: seen };
};
const CANDIDATES = {
  statesocket: async () => ({
    serverScript: join(built.directory, 'server.js'),
    open: openMember,
    witnessed,
  }),
  'socket.io, recovery and retries': socketIo('socket-io-recovery', 'emitted'),
  'socket.io, with the database of its tutorial': socketIo('socket-io-database', 'stored'),
};

const rows = {};
try {
  for (const [name, load] of Object.entries(CANDIDATES)) {
    if (args.only && args.only !== name) continue;
    const directory = await mkdtemp(join(tmpdir(), 'delivery-'));
    try {
      const { saidCount, faultCount, calmAfterMs, endToEnd } = await torture({
        seed: Number(args.seed),
        durationMs,
        faultEveryMs: 2_500,
        sayEveryMs: 100,
        awayMs: 40_000,
        retainedCount: 1_000,
        directory,
        progress: args.json ? () => {} : (line) => console.error(`${name}: ${line}`),
        ...(await load()),
      });
      rows[name] = { saidCount, faultCount, calmAfterMs, ...endToEnd };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
} finally {
  await built.remove();
}

/** As `ada 3, ben 1`. */
const inWords = (counts) =>
  Object.entries(counts)
    .map((entry) => entry.join(' '))
    .join(', ');

if (args.json) {
  console.log(JSON.stringify(rows));
} else {
  const cores = availableParallelism();
  console.log(
    `Seed ${args.seed}, ${durationMs / 60_000} minutes each, ${cores} cores, load average ${loadavg()[0].toFixed(1)} after.\n`,
  );
  const columns = [
    'said',
    'faults',
    'deliveries owed',
    'lost',
    'twice',
    'out of order',
    'given up',
    'told wrongly',
    'undecided',
  ];
  console.log(`| | ${columns.join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(columns.length)}`);
  for (const [name, row] of Object.entries(rows)) {
    const { saidCount, faultCount, owedCount, lostCount, twiceCount, outOfOrderCount } = row;
    const { givenUpCount, toldWronglyCount, undecidedCount } = row;
    const cells = [saidCount, faultCount, owedCount, lostCount, twiceCount, outOfOrderCount];
    console.log(`| ${[name, ...cells, givenUpCount, toldWronglyCount, undecidedCount].join(' | ')} |`);
  }
  console.log('');
  for (const [name, { lostBy }] of Object.entries(rows))
    if (inWords(lostBy) !== '') console.log(`${name}: lost to ${inWords(lostBy)}.`);
}
process.exit();
