/**
 * `npm run cluster`: RednGift on several servers, on this machine: Postgres, Redis, three servers of RednGift and nginx before them, from
 * Debian's packages. Everything is thrown away at the end.
 *
 * The servers run in a process group of their own (cluster-stack.mjs), so that Ctrl-C reaches this process alone, which has them
 * taken down in order; and so that one signal ends all of them where that does not work.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStale } from './build-stale.mjs';
import { needNginx } from './foreign-servers.mjs';
import { needPostgres } from './postgres.mjs';
import { needRedis } from './redis.mjs';

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
  for (const need of [needPostgres, needRedis, needNginx]) need(provide);
  return missing;
};

const readPort = (text) => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new Error(`PORT must be a port from 1 to 65535, and not "${text}".`);
};

/** Throws one line where somebody else listens there. */
const requireFree = (port) =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ code }) =>
      reject(
        new Error(
          `Port ${port} cannot be had (${code}). Choose another one: PORT=${port + 1} npm run cluster`,
        ),
      ),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });

/** Who started this: npm, through a shell. What ends one of the two does not reach us. Elsewhere than on Linux the shell alone is seen. */
const startersOf = () => {
  if (process.env.npm_lifecycle_event !== 'cluster') return `${process.ppid}`;
  try {
    const [, afterName = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(/\) (?=[^)]*$)/);
    return `${process.ppid} ${afterName.split(' ')[1]}`;
  } catch {
    return `${process.ppid}`; // there is no such file
  }
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
  const started = startersOf();
  const orphaned = setInterval(() => {
    if (startersOf() === started) return;
    clearInterval(orphaned);
    stop();
  }, 500);
  stack.once('exit', (code) => {
    endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    process.exit(code ?? 130);
  });
};

const main = async () => {
  const missing = findMissing();
  if (missing.length > 0)
    throw new Error(
      [
        'npm run cluster needs what is not here:',
        ...missing.map(({ remedy }) => `  ${remedy}`),
        `On Debian, all of it: apt-get install ${missing.map(({ packageName }) => packageName).join(' ')}`,
      ].join('\n'),
    );
  const port = process.env.PORT ? readPort(process.env.PORT) : DEFAULT_PORT;
  await requireFree(port);
  if (await buildStale()) runStack(port);
  else process.exitCode = 1;
};

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
