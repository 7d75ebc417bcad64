/** One run of scripts/torture.mjs. node main.js SERVER_SCRIPT MINUTES SEED STORE NODES COMMIT */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'statesocket';
import { makePostgresTemplate } from '../../../scripts/postgres.mjs';
import { openStatesocketMember } from './member.ts';
import { openCluster } from './open-cluster.ts';
import type { Reported } from './site.ts';
import { torture } from './torture.ts';
import { witnessed } from './witness.ts';

const [serverScript = '', minutes, seed, store = 'sqlite', nodes = '1', commit = ''] = process.argv.slice(2);
const RETAINED_COUNT = 1_000;
const template = store === 'postgres' ? makePostgresTemplate() : null;
const openSite =
  store === 'sqlite'
    ? {}
    : {
        openSite: (users: readonly string[], reported: Reported) =>
          openCluster({
            store,
            seed: Number(seed),
            nodeCount: Number(nodes),
            nodeScript: serverScript,
            template: template?.folder ?? '',
            retainedCount: RETAINED_COUNT,
            users,
            reported,
          }),
      };
const directory = await mkdtemp(join(tmpdir(), 'torture-'));
try {
  const outcome = await torture({
    seed: Number(seed),
    durationMs: Number(minutes) * 60_000,
    faultEveryMs: 2_500,
    sayEveryMs: 80,
    awayMs: 40_000,
    retainedCount: RETAINED_COUNT,
    serverScript,
    directory,
    open: openStatesocketMember(createConnection),
    witnessed,
    ...openSite,
    progress: (line) => console.log(line),
  });
  const { records, breaches, ...figures } = outcome;
  for (const { rule, kind, atMs, message } of breaches.slice(0, 50))
    console.log(`${rule} ${kind} at ${atMs} ms: ${message}`);
  const count = (...kinds: string[]) => breaches.filter(({ kind }) => kinds.includes(kind)).length;
  const [lost, duplicated, reordered] = [count('lost'), count('duplicated'), count('reordered')];
  const other = breaches.length - lost - duplicated - reordered;
  console.log(
    JSON.stringify({ ...figures, recordCount: records.length, lost, duplicated, reordered, other }, null, 1),
  );
  const told = Object.entries(figures.faultCounts).map(([fault, times]) => `${times} ${fault}`);
  const cells = [
    `${nodes} × ${store}`,
    `${minutes} min, seed ${seed}`,
    `${new Date().toISOString().slice(0, 10)}, ${commit}`,
    figures.saidCount,
    figures.endToEnd.owedCount,
    `${figures.faultCount} (${told.join(', ')})`,
    figures.reconnectCount,
    figures.gapCount,
    lost,
    duplicated,
    reordered,
    other,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  if (breaches.length > 0) process.exitCode = 1;
} finally {
  template?.remove();
  await rm(directory, { recursive: true, force: true });
}
