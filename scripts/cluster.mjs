/**
 * `npm run cluster`: RednGift on several servers, on this machine: Postgres, Redis, three servers of RednGift and nginx before them, from
 * Debian's packages. Everything is thrown away at the end.
 *
 * The servers run in a process group of their own (cluster-stack.mjs), so that Ctrl-C reaches this process alone, which has them
 * taken down in order; and so that one signal ends all of them where that does not work.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStale } from './build-stale.mjs';
import { needNginx } from './foreign-servers.mjs';
import { needPostgres } from './postgres.mjs';
import { wholeNumber } from './whole-number.mjs';

const DEFAULT_PORT = 8080;
/** npm passes the terminal's Ctrl-C on to a process that has it from the terminal already: that is one, not two. */
const SAME_SIGNAL_MS = 300;
const STOP_MS = 20_000;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** All that is missing, in one message. */
const findMissing = () => {
  const missing = [];
  const provide = ({ packageName, find, remedy }) => {
    if (!find()) missing.push({ packageName, remedy });
    return '';
  };
  for (const need of [needPostgres, needNginx]) need(provide);
  return missing;
};

const runStack = (port) => {
  const folder = mkdtempSync(join(tmpdir(), 'redngift-cluster-'));
  // Postgres and the workers of nginx may run as somebody else.
  chmodSync(folder, 0o755);
  const stack = fork('scripts/cluster-stack.mjs', [String(port)], {
    detached: true,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const endAll = () => {
    try {
      process.kill(-stack.pid, 'SIGKILL');
    } catch {
      // Nobody of them is left.
    }
  };
  let stoppedAt = null;
  const stop = () => {
    if (stoppedAt !== null) {
      if (performance.now() - stoppedAt > SAME_SIGNAL_MS) endAll();
      return;
    }
    stoppedAt = performance.now();
    console.info('\nTaking the cluster down. Press Ctrl-C again to end it at once.');
    if (stack.connected) stack.send('stop');
    setTimeout(endAll, STOP_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  stack.once('exit', (code) => {
    endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    process.exit(code ?? 130);
  });
};

const missing = findMissing();
if (missing.length > 0) {
  console.error('npm run cluster needs what is not here:');
  for (const { remedy } of missing) console.error(`  ${remedy}`);
  console.error(`On Debian: apt-get install ${missing.map(({ packageName }) => packageName).join(' ')}`);
  process.exitCode = 1;
} else if (await buildStale()) {
  runStack(process.env.PORT ? wholeNumber('PORT', process.env.PORT) : DEFAULT_PORT);
} else process.exitCode = 1;
