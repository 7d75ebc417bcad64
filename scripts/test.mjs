/** `npm test`: finds or installs the programs that the tests need, builds the package and the app as users get them, and runs every test. */
import { spawnSync } from 'node:child_process';
import { needChromium } from './chromium.mjs';
import { needFirefox, needMiniBrowser, needWebKitDriver, needXvfb } from './engines.mjs';
import { needHaproxy, needNginx, needPythonWebsockets } from './foreign-servers.mjs';
import { needPgBouncer, needPostgres } from './postgres.mjs';
import { installProgram } from './programs.mjs';
import { needRedis } from './redis.mjs';

const run = (title, command, args, env = {}) => {
  if (title) console.log(`\n${title}`);
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

let programs;
try {
  programs = {
    CHROMIUM_PATH: needChromium(installProgram),
    FIREFOX_PATH: needFirefox(installProgram),
    WEBKIT_DRIVER_PATH: needWebKitDriver(installProgram),
    MINI_BROWSER_PATH: needMiniBrowser(installProgram),
    XVFB_PATH: needXvfb(installProgram),
    NGINX_PATH: needNginx(installProgram),
    HAPROXY_PATH: needHaproxy(installProgram),
    PYTHON_PATH: needPythonWebsockets(installProgram),
    POSTGRES_BIN: needPostgres(installProgram),
    PGBOUNCER_PATH: needPgBouncer(installProgram),
    REDIS_SERVER_PATH: needRedis(installProgram),
  };
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

run('Building the package…', 'npm', ['run', '--silent', 'build', '--', '--log-level', 'warn']);
run('Building RednGift…', 'npm', ['run', '--silent', 'build:app']);
run(
  "Building RednGift with React's development build…",
  'npx',
  ['vite', 'build', 'app/web', '--mode', 'development', '--logLevel', 'warn'],
  {
    NODE_ENV: 'development',
    OUT_DIR: '../dist/web-development',
  },
);
run('Testing…', 'npx', ['vitest', 'run', ...process.argv.slice(2)], programs);
