/**
 * All clients of one round, in a process of its own: each round begins with libraries that know nothing of the last.
 * Told `[{ question, name, port, count, spreadMs }]` it opens `count` clients each over `spreadMs`, and tells
 * `{ name, client, what, at }` of each event.
 */
import { HALF_OPEN, RESTART } from './candidates.mjs';
import { monotonicMs } from './monotonic-ms.mjs';

process.on('message', async (candidates) => {
  for (const { question, name, port, count, spreadMs } of candidates) {
    const open = await { restart: RESTART, 'half-open': HALF_OPEN }[question][name].load();
    for (let client = 0; client < count; client += 1) {
      const tell = (what) => process.send({ name, client, what, at: monotonicMs() });
      setTimeout(open, (spreadMs * client) / count, port, tell);
    }
  }
});
process.on('disconnect', () => process.exit());
