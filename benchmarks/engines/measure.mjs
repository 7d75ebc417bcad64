/** One candidate in one series, in a process of its own: `measure.mjs CANDIDATE SERIES COUNT FILE` prints JSON. */
import { performance } from 'node:perf_hooks';
import { quantile } from '../quantile.mjs';
import { openCandidate } from './candidates.mjs';

const [, , candidate, series, count, file] = process.argv;
const { callers, userOf, isMarked } = {
  'one after another': { callers: 1, userOf: () => 'anna', isMarked: false },
  '32 at once to one user': { callers: 32, userOf: () => 'anna', isMarked: false },
  '100 at once': { callers: 100, userOf: (caller) => `user ${caller}`, isMarked: false },
  '100 at once, with marks': { callers: 100, userOf: (caller) => `user ${caller}`, isMarked: true },
}[series];

const engine = await openCandidate(candidate, file);
const text = JSON.stringify({ type: 'NEW_MESSAGE', text: 'x'.repeat(100) });
let n = 0;
const append = async (total) => {
  const latencies = [];
  let left = total;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (; left > 0; ) {
        left -= 1;
        n += 1;
        const startedAt = performance.now();
        await engine.append(userOf(caller), [text], isMarked ? { origin: `page ${caller}`, n } : undefined);
        latencies.push(performance.now() - startedAt);
      }
    }),
  );
  return latencies;
};

// Until V8 has compiled what it will compile.
await append(Math.min(Number(count), 2_000));
/** How late a timer of 1 ms was, each time. One that does not fire at all is as late as the run is long. */
const delays = [];
let tickedAt = performance.now();
const tick = () => {
  delays.push(Math.max(performance.now() - tickedAt - 1, 0));
  tickedAt = performance.now();
  setTimeout(tick, 1);
};
setTimeout(tick, 1);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const latencies = await append(Number(count));
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
delays.push(performance.now() - tickedAt);
console.log(
  JSON.stringify({
    perSecond: (Number(count) / ms) * 1_000,
    cpuUs: (user + system) / Number(count),
    latencyP99Ms: quantile(latencies, 0.99),
    loopDelayP99Ms: quantile(delays, 0.99),
    loopDelayMaxMs: Math.max(...delays),
  }),
);
await engine.close();
process.exit();
