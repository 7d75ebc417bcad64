/** See README.md. `--scale 0.01 --rounds 1 --json` is a short run for a program to read. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { makePostgresTemplate, startPostgres } from '../../scripts/postgres.mjs';
import { startRedis } from '../../scripts/redis.mjs';
import { quantile } from '../quantile.mjs';

const { values: args } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    /** The built gateway of another commit, to compare with. */
    old: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const gateway = fileURLToPath(new URL('../../dist/gateway.js', import.meta.url));
const postgres = fileURLToPath(new URL('../../dist/gateway/postgres.js', import.meta.url));
const redis = fileURLToPath(new URL('../../dist/gateway/redis.js', import.meta.url));
const measure = fileURLToPath(new URL('measure.mjs', import.meta.url));
const candidates = {
  nothing: 'nothing',
  'raw insert, group commit': 'raw',
  sqliteEngine: `${gateway}#sqliteEngine`,
  ...(args.old === undefined ? {} : { 'sqliteEngine before': `${args.old}#sqliteEngine` }),
  'raw insert in Postgres, group commit': 'raw postgres',
  postgresEngine: `${postgres}#postgresEngine`,
  'XADD in Redis': 'raw redis',
  redisEngine: `${redis}#redisEngine`,
  memoryEngine: `${gateway}#memoryEngine`,
};
const series = {
  'one after another': 1_000,
  '32 at once to one user': 20_000,
  '100 at once': 20_000,
  '100 at once, with marks': 20_000,
};

// What Postgres itself does to be durable, as it comes.
const template = makePostgresTemplate();
const server = await startPostgres({
  template: template.folder,
  settings: { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB', autovacuum: 'on' },
});
// Once with an fsync each second, as it comes with `appendonly`, since an fsync before each reply would stop it for as long.
const redisServer = await startRedis({ settings: { appendonly: 'yes' } });
let databaseCount = 0;
const makeDatabase = async () => {
  databaseCount += 1;
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  await client.query(`CREATE DATABASE d${databaseCount}`);
  await client.end();
  return server.url(`d${databaseCount}`);
};

const placeOf = async (label, folder) => {
  if (/postgres/i.test(label)) return makeDatabase();
  if (!/redis/i.test(label)) return join(folder, 'inbox.db');
  redisServer.cli('flushall');
  return redisServer.url;
};

const sampleOf = async (label, name, count) => {
  const candidate = candidates[label];
  const folder = await mkdtemp(join(tmpdir(), 'engines-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      measure,
      candidate,
      name,
      String(count),
      await placeOf(label, folder),
    ]);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** @type {Record<string, Record<string, Record<string, number>[]>>} */
const samples = Object.fromEntries(
  Object.keys(series).map((name) => [
    name,
    Object.fromEntries(Object.keys(candidates).map((label) => [label, []])),
  ]),
);
for (let round = 0; round < Number(args.rounds); round += 1) {
  for (const [name, fullCount] of Object.entries(series)) {
    for (const label of Object.keys(candidates)) {
      // What takes an fsync each would take minutes.
      const part = label.endsWith('before') && name !== 'one after another' ? 0.05 : 1;
      const sample = await sampleOf(label, name, Math.ceil(fullCount * part * Number(args.scale)));
      samples[name][label].push(sample);
    }
  }
}
const results = Object.fromEntries(
  Object.entries(samples).map(([name, rows]) => [
    name,
    Object.fromEntries(
      Object.entries(rows).map(([label, taken]) => [
        label,
        Object.fromEntries(
          Object.keys(taken[0]).map((key) => [
            key,
            quantile(
              taken.map((sample) => sample[key]),
              0.5,
            ),
          ]),
        ),
      ]),
    ),
  ]),
);

await server.remove();
await redisServer.remove();
template.remove();

const [load] = loadavg();
if (args.json) {
  console.log(JSON.stringify({ rounds: Number(args.rounds), load, results }));
} else {
  console.log(`Medians of ${args.rounds} rounds; load average ${load.toFixed(1)}.`);
  for (const [name, rows] of Object.entries(results)) {
    console.log(`\n**${name}**\n`);
    console.log('| engine | appends/s | CPU µs each | latency p99, ms | loop delay p99, ms | longest, ms |');
    console.log('|---|---|---|---|---|---|');
    for (const [label, row] of Object.entries(rows)) {
      const { perSecond, cpuUs, latencyP99Ms, loopDelayP99Ms, loopDelayMaxMs } = row;
      const times = [latencyP99Ms, loopDelayP99Ms, loopDelayMaxMs].map((ms) => ms.toFixed(1)).join(' | ');
      console.log(`| ${label} | ${Math.round(perSecond)} | ${cpuUs.toFixed(0)} | ${times} |`);
    }
  }
}
