/**
 * `npm run check:matrix`: our own tests, in a copy of the sources, with another version of what an app brings: React 18, the
 * oldest `pg`, and the XState that comes next. `-- react` takes only the rows with that in their names. Needs npm's registry, and
 * takes minutes.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MATRIX_ROWS, nextVersion } from './matrix-rows.mjs';
import { inFolder, runIn } from './packed-package.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** So long may the tests of a row run, in ms. */
const DEADLINE_MS = 15 * 60_000;

/** What git has or would take: no build, no report, no installed package. */
const copySourcesInto = async (folder) => {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const path of listed.split('\n').filter(Boolean)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
};

const versionsOf = (name) =>
  JSON.parse(execFileSync('npm', ['view', name, 'versions', '--json'], { encoding: 'utf8' }));

/** The tests that failed, each with the first line of why. */
const failuresIn = (output) => {
  const lines = output.split('\n');
  return lines.flatMap((line, index) => {
    if (!line.startsWith(' FAIL ')) return [];
    const why = lines.slice(index + 1).find((each) => each !== '' && !each.startsWith(' FAIL '));
    return [`${line.slice(6).trim()}: ${why}`];
  });
};

const checkRow = ({ name, packages, next, tests, isDemanded, builds = false }) =>
  inFolder('matrix', async (folder) => {
    const wanted = [...packages, ...(next === undefined ? [] : [`${next}@${nextVersion(versionsOf(next))}`])];
    await copySourcesInto(folder);
    // With --force, since peers name the ranges that they know of, and a version that is to come is in none.
    const flags = ['--save-exact', '--force', '--no-audit', '--no-fund', '--loglevel', 'error'];
    execFileSync('npm', ['install', ...flags, ...wanted], { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
    if (builds) await runIn(folder, 'npm', ['run', 'build'], DEADLINE_MS);
    const { isWell, output } = await runIn(folder, 'npx', ['vitest', 'run', ...tests], DEADLINE_MS);
    const verdict = isWell ? 'passes' : isDemanded ? 'FAILS ' : 'differs';
    console.log(`${verdict}  ${name}: ${wanted.join(' ')}: ${output.split('\n').at(-1)}`);
    for (const failure of failuresIn(output)) console.log(`        ${failure}`);
    return isWell || !isDemanded;
  });

process.env.NO_COLOR = '1';
const wanted = process.argv[2] ?? '';
const rows = MATRIX_ROWS.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
const results = [];
for (const row of rows) results.push(await checkRow(row));
process.exit(results.length > 0 && results.every(Boolean) ? 0 : 1);
