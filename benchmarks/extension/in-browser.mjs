import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { build } from 'vite';
import { needChromium } from '../../scripts/chromium.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

/** The page and a gateway in this process. Answers how to publish, and what commands have taken effect. */
const startServer = async (webDir) => {
  const server = createServer((request, response) => {
    const path = request.url === '/' ? 'index.html' : request.url;
    const file = join(webDir, path);
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'text/plain');
    response.end(existsSync(file) ? readFileSync(file) : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const done = new Set();
  let isOpen = true;
  server.on('upgrade', (_request, socket) => {
    if (!isOpen) socket.destroy();
  });
  const gateway = createGateway({
    server,
    engine: memoryEngine({ retention: { maxCount: 1_000_000 } }),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    maxCommandsPerSecond: 1_000_000,
    handle(_command, { key }) {
      if (key !== null) done.add(key);
    },
  });
  return {
    url,
    done,
    gateway,
    admits(admitted) {
      isOpen = admitted;
    },
    async close() {
      await gateway.close();
      server.closeAllConnections();
      server.close();
    },
  };
};

const publish = (gateway, count) =>
  Promise.all(
    Array.from({ length: count }, (_, n) => gateway.publish(['ada'], { type: 'SAID', text: `message ${n}` })),
  );

const until = async (isSo) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** Messages that were missed against the same number sent live; and an outbox that a reload finds. */
const measureOnce = async (browser, webDir, { missedCount, outboxCount }) => {
  const server = await startServer(webDir);
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(server.url);
    await page.evaluate(() => globalThis.bench.live());
    const receive = async (missed) => {
      await page.evaluate(() => globalThis.bench.expect());
      if (missed) {
        await page.evaluate(() => globalThis.bench.leave());
        await until(() => server.gateway.connectionCount === 0);
        await publish(server.gateway, missedCount);
        await page.evaluate(() => globalThis.bench.live());
      } else void publish(server.gateway, missedCount);
      return page.evaluate((count) => globalThis.bench.applied(count), missedCount);
    };
    // What the compilers do is over after the first.
    await receive(false);
    const live = await receive(false);
    const resumed = await receive(true);

    server.admits(false);
    await page.evaluate(() => globalThis.bench.leave());
    await page.evaluate(() => void globalThis.bench.connection.connect({ userId: 'ada' }));
    const waiting = await page.evaluate((count) => globalThis.bench.says(count), outboxCount);
    if (waiting !== outboxCount) throw new Error(`${waiting} of ${outboxCount} entries wait in the outbox.`);
    server.admits(true);
    const reloadedAt = performance.now();
    await page.reload({ waitUntil: 'commit' });
    void page.evaluate(() => globalThis.bench.live()).catch(() => {});
    await page.waitForFunction(() => globalThis.bench !== undefined);
    await page.evaluate(() => globalThis.bench.live());
    await until(() => server.done.size >= outboxCount);
    const resentMs = performance.now() - reloadedAt;
    return {
      'resume, ms': resumed.ms,
      'live, ms': live.ms,
      'resume, x live': resumed.ms / live.ms,
      'longest task while resuming, ms (0: none over 50)': resumed.longestTaskMs,
      'longest task while live, ms (0: none over 50)': live.longestTaskMs,
      'outbox, from reload to all done at the server, ms': resentMs,
    };
  } finally {
    await context.close();
    await server.close();
  }
};

/** Answers each figure as the list of what the rounds measured. */
export const measureInBrowser = async ({ rounds, ...how }) => {
  const webDir = await mkdtemp(join(tmpdir(), 'statesocket-extension-'));
  const browser = await chromium.launch({ executablePath: needChromium() });
  try {
    await build({
      root: fileURLToPath(new URL('page', import.meta.url)),
      configFile: false,
      logLevel: 'warn',
      build: { outDir: webDir, emptyOutDir: true, target: 'es2022' },
    });
    const figures = {};
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, value] of Object.entries(await measureOnce(browser, webDir, how))) {
        figures[what] = [...(figures[what] ?? []), value];
      }
    }
    return figures;
  } finally {
    await browser.close();
    await rm(webDir, { recursive: true, force: true });
  }
};
