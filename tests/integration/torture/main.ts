/** One run of scripts/torture.mjs. node main.js SERVER_SCRIPT MINUTES SEED */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'statesocket';
import { openStatesocketMember } from './member.ts';
import { torture } from './torture.ts';
import { witnessed } from './witness.ts';

const [serverScript = '', minutes, seed] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'torture-'));
try {
  const outcome = await torture({
    seed: Number(seed),
    durationMs: Number(minutes) * 60_000,
    faultEveryMs: 2_500,
    sayEveryMs: 80,
    awayMs: 40_000,
    retainedCount: 1_000,
    serverScript,
    directory,
    open: openStatesocketMember(createConnection),
    witnessed,
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
  if (breaches.length > 0) process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
