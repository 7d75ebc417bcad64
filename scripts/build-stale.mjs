/** Builds what is older than its sources, for `npm start` and `npm run cluster`. The working directory is the repository. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isFresh } from './build-freshness.mjs';

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

/** Builds the package and RednGift, where that is due. False: it failed, and has said why. */
export const buildStale = async () => {
  for (const step of STEPS) if (!(await build(step))) return false;
  return true;
};
