/** `npm start`: builds what is older than its sources, then runs RednGift's server in this process. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isFresh } from './build-freshness.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const STEPS = [
  {
    script: 'build',
    what: 'statesocket',
    expectedSeconds: 10,
    sources: ['machines', 'src', 'package.json', 'tsconfig.json', 'tsdown.config.ts'],
    outputs: ['dist/index.js', 'dist/gateway.js'],
  },
  {
    script: 'build:app',
    what: 'RednGift',
    expectedSeconds: 10,
    sources: ['app', 'dist/index.js', 'package.json', 'tsconfig.json'],
    outputs: ['app/dist/web/index.html', 'app/dist/server/cli.js'],
  },
];

const run = (script) =>
  new Promise((resolve) => {
    const npm = spawn('npm', ['run', '--silent', script], { shell: process.platform === 'win32' });
    let output = '';
    const keep = (text) => {
      output += text;
    };
    npm.stdout.on('data', keep);
    npm.stderr.on('data', keep);
    npm.on('error', (error) => resolve({ code: 1, output: `npm cannot be run: ${error.message}` }));
    npm.on('close', (code) => resolve({ code, output }));
  });

const build = async ({ script, what, expectedSeconds, sources, outputs }) => {
  if (isFresh({ sources, outputs })) return true;
  const isFirst = !outputs.every((path) => existsSync(path));
  console.info(
    `Building ${what} (${isFirst ? 'first start' : 'sources changed'}, about ${expectedSeconds} s)…`,
  );
  const startedAt = performance.now();
  const { code, output } = await run(script);
  if (code !== 0) {
    console.error(
      `${output}\nBuilding ${what} failed; the reason is above. The command was: npm run ${script}`,
    );
    return false;
  }
  console.info(`Built ${what} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  return true;
};

/** npm starts scripts through a shell, and a SIGTERM ends that shell without reaching us: then stop as well. */
const stopWhenOrphaned = () => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
};

let ready = true;
for (const step of STEPS) ready &&= await build(step);
if (ready) {
  if (process.env.npm_lifecycle_event === 'start') stopWhenOrphaned();
  // The same process, so that a signal reaches the server once and a killed `npm start` leaves nothing behind.
  await import('../app/dist/server/cli.js');
} else process.exitCode = 1;
