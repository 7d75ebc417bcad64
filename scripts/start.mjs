/** `npm start`: builds what is older than its sources, then runs RednGift's server in this process. */
import { fileURLToPath } from 'node:url';
import { buildStale } from './build-stale.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** npm starts scripts through a shell, and a SIGTERM ends that shell without reaching us: then stop as well. */
const stopWhenOrphaned = () => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
};

if (await buildStale()) {
  if (process.env.npm_lifecycle_event === 'start') stopWhenOrphaned();
  // The same process, so that a signal reaches the server once and a killed `npm start` leaves nothing behind.
  await import('../app/dist/server/cli.js');
} else process.exitCode = 1;
