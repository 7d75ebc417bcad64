/**
 * See README.md. `--minutes 3`, `--seed 7`; `--nodes` is the comparison over three nodes alone, `--server` the one over one server;
 * `--only statesocket --seconds 5 --json` is a short run for a program to read.
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
    nodes: { type: 'boolean', default: false },
    server: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const durationMs = args.seconds === undefined ? Number(args.minutes) * 60_000 : Number(args.seconds) * 1_000;
const built = await buildForNode({
  torture: 'benchmarks/delivery/torture.ts',
  server: 'tests/integration/torture/gateway-server.ts',
  node: 'tests/integration/torture/node-server.ts',
});
const { torture, openMember, witnessed, openCluster, clusterSite, redisServers } = await import(
  join(built.directory, 'torture.js')
);
const server = (name) => fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));

const socketIo = (serverName, witness) => async () => {
  const { openSocketIoMember } = await import('./socket-io-member.mjs');
  const { [witness]: seen } = await import('./emitted.mjs');
  return { serverScript: server(serverName), open: openSocketIoMember, witnessed: seen };
};
const NODES_COUNT = 3;
const RETAINED_COUNT = 1_000;
const seed = Number(args.seed);
/** Three nodes of somebody else's on one Redis. */
const onRedis = (serverName, openIt) => async () => ({
  open: await openIt(),
  openSite: async (_users, reported) =>
    clusterSite({
      seed,
      nodeCount: NODES_COUNT,
      nodeScript: server(serverName),
      store: await redisServers(),
      reported,
      argsOf: (storePort, port) => [`redis://127.0.0.1:${storePort}`, String(port)],
    }),
});
const NODES = {
  'statesocket, three nodes on Redis': async () => ({
    open: openMember,
    openSite: (users, reported) =>
      openCluster({
        store: 'redis',
        seed,
        nodeCount: NODES_COUNT,
        nodeScript: join(built.directory, 'node.js'),
        retainedCount: RETAINED_COUNT,
        template: '',
        users,
        reported,
      }),
  }),
  'socket.io, three nodes, Redis Streams adapter': onRedis(
    'socket-io-streams',
    async () => (await import('./socket-io-member.mjs')).openSocketIoMember,
  ),
  'tRPC, three nodes, tracked() over Redis streams': onRedis(
    'trpc-tracked',
    async () => (await import('./trpc-member.mjs')).openTrpcMember,
  ),
};
const SERVERS = {
  statesocket: async () => ({
    serverScript: join(built.directory, 'server.js'),
    open: openMember,
    witnessed,
  }),
  'socket.io, recovery and retries': socketIo('socket-io-recovery', 'emitted'),
  'socket.io, with the database of its tutorial': socketIo('socket-io-database', 'stored'),
};

const CANDIDATES = { ...(args.nodes ? {} : SERVERS), ...(args.server ? {} : NODES) };

const rows = {};
try {
  for (const [name, load] of Object.entries(CANDIDATES)) {
    if (args.only && args.only !== name) continue;
    const directory = await mkdtemp(join(tmpdir(), 'delivery-'));
    try {
      const { saidCount, faultCount, calmAfterMs, endToEnd } = await torture({
        seed,
        durationMs,
        faultEveryMs: 2_500,
        sayEveryMs: 100,
        awayMs: 40_000,
        retainedCount: RETAINED_COUNT,
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
