/** See README.md. `--seconds 1 --json` is a short run for a program to read. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { needChromium } from '../../scripts/chromium.mjs';
import { quantile } from '../quantile.mjs';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    'per-second': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const perSecond = Number(args['per-second']);
const count = Math.ceil(Number(args.seconds) * perSecond);
const PAGES = { 'bare page': '/bare', RednGift: '/conversations/c1' };
/** What has not reached the screen this long after the last was sent is lost. */
const PATIENCE_MS = 5_000;
/** Chromium's own start, React's first renderings and the compilers are over by then. */
const WARM_UP_COUNT = 2 * perSecond;

/** Runs in the page: notes for each number when its bubble entered the document. */
const watch = () => {
  const arrivals = [];
  const seen = new Set();
  const note = (bubble) => {
    const [number, sentAt] = bubble.textContent.split(' ').map(Number);
    if (seen.has(number)) return;
    seen.add(number);
    arrivals.push({ number, latencyMs: performance.timeOrigin + performance.now() - sentAt });
  };
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node instanceof Element) node.querySelectorAll('.bubble-text').forEach(note);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
  globalThis.arrivals = arrivals;
};

/** Runs in the page: how far its clock is ahead of the server's, by the quickest of some round trips. */
const clockAheadMs = async () => {
  const now = () => performance.timeOrigin + performance.now();
  let quickestMs = Number.POSITIVE_INFINITY;
  let aheadMs = 0;
  for (let tries = 0; tries < 100; tries += 1) {
    const before = now();
    const there = Number(await (await fetch('/now')).text());
    const after = now();
    if (after - before >= quickestMs) continue;
    quickestMs = after - before;
    aheadMs = (before + after) / 2 - there;
  }
  return aheadMs;
};

/** Has the server send, and answers what the page saw of it, in the order of the screen. */
const stream = async (server, page, order) => {
  server.send(order);
  const [{ storedMs }] = await once(server, 'message');
  const giveUpAt = performance.now() + PATIENCE_MS;
  const arrivedCount = () => page.evaluate(() => globalThis.arrivals.length);
  while ((await arrivedCount()) < order.count && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { storedMs, arrivals: await page.evaluate(() => globalThis.arrivals.splice(0)) };
};

const measure = async (server, browser, url) => {
  const page = await browser.newPage();
  await page.addInitScript(() => localStorage.setItem('accessToken', 'a-token'));
  await page.goto(url);
  await page.locator('[role=status][data-status=open]').waitFor({ state: 'attached' });
  const aheadMs = await page.evaluate(clockAheadMs);
  await page.evaluate(watch);
  await stream(server, page, { first: 0, count: WARM_UP_COUNT, perSecond });
  const { storedMs, arrivals } = await stream(server, page, { first: WARM_UP_COUNT, count, perSecond });
  await page.close();
  const latencies = arrivals.map(({ latencyMs }) => latencyMs - aheadMs);
  const sinceStored = arrivals.map(
    ({ number }, index) => latencies[index] - storedMs[number - WARM_UP_COUNT],
  );
  return {
    lostCount: count - arrivals.length,
    outOfOrderCount: arrivals.filter(({ number }, index) => index > 0 && number < arrivals[index - 1].number)
      .length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    maxMs: quantile(latencies, 1),
    sinceStoredP50Ms: quantile(sinceStored, 0.5),
    sinceStoredP99Ms: quantile(sinceStored, 0.99),
  };
};

const server = fork(new URL('server.mjs', import.meta.url));
const [{ port }] = await once(server, 'message');
const browser = await chromium.launch({
  executablePath: needChromium(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const results = {};
for (const [name, path] of Object.entries(PAGES)) {
  results[name] = await measure(server, browser, `http://localhost:${port}${path}`);
}
await browser.close();
server.disconnect();
const [load] = loadavg();

if (args.json) {
  console.log(JSON.stringify({ perSecond, count, load, results }));
} else {
  console.log(`${count} messages at ${perSecond}/s; load average ${load.toFixed(1)}.\n`);
  console.log('| page | lost | out of order | p50 ms | p99 ms | max ms | since stored: p50 ms | p99 ms |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [name, row] of Object.entries(results)) {
    const { p50Ms, p99Ms, maxMs, sinceStoredP50Ms, sinceStoredP99Ms } = row;
    const times = [p50Ms, p99Ms, maxMs, sinceStoredP50Ms, sinceStoredP99Ms].map((ms) => ms.toFixed(1));
    console.log(`| ${[name, row.lostCount, row.outOfOrderCount, ...times].join(' | ')} |`);
  }
}
