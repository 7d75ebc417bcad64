/** The package as npm would publish it, installed in a folder of its own: for the checks `npm run check:types`, `:peers` and `:bundlers`. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const QUIET = ['--no-audit', '--no-fund', '--loglevel', 'error'];

const read = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** The names of all entry points, as an app imports them. */
export const entryPoints = async () => {
  const { name, exports } = await read(join(root, 'package.json'));
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => `${name}${path.slice(1)}`);
};

/** Builds and packs the sources as they are, since an old build would be judged in their place. The result is the path of the archive in `folder`. */
export const packInto = async (folder) => {
  execFileSync('npm', ['run', '--silent', 'build', '--', '--log-level', 'error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm pack made no archive. Does npm pack pass by itself?');
  return join(folder, archive);
};

/** Runs `use` with a new folder, which is removed afterwards. */
export const inFolder = async (name, use) => {
  const folder = await mkdtemp(join(tmpdir(), `statesocket-${name}-`));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Installs the archive and other packages (`name@range`) from the registry that npm is set up for. Throws where npm refuses. */
export const installIn = async (folder, packages) => {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  execFileSync('npm', ['install', ...QUIET, ...packages], { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
};

/** So long may a program of a check run, in ms: what hangs has failed. */
const DEADLINE_MS = 180_000;

/** Runs a program in a folder. What it wrote, and whether it ended well; never throws for a program that fails. */
export const runIn = (folder, command, args, deadlineMs = DEADLINE_MS) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env: process.env, timeout: deadlineMs });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ isWell: code === 0, output: output.trim() }));
  });
