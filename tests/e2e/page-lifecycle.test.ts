import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildPage } from './support/built-page.ts';
import { launchTabbedBrowser, type Tab } from './support/tabbed-browser.ts';

/**
 * What a browser does to a page, for real: the network goes and comes, tabs are hidden and shown, a page is frozen, is
 * kept in the back/forward cache, or is kept busy. The sockets are counted on the server.
 */

const CONTENT_TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** The page, a second one to go to, and a gateway that counts its sockets. */
const startServer = async (webDir: string) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(webDir, pathname === '/' ? 'index.html' : pathname);
    response.setHeader('Content-Type', CONTENT_TYPES[extname(file)] ?? 'text/html');
    response.end(existsSync(file) ? await readFile(file) : '<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets: Duplex[] = [];
  const live = new Set<Duplex>();
  let most = 0;
  server.on('upgrade', (_request, socket: Duplex) => {
    sockets.push(socket);
    live.add(socket);
    most = Math.max(most, live.size);
    socket.once('close', () => live.delete(socket));
  });
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    handle: () => {},
    heartbeatMs: 500,
  });
  return {
    url,
    /** How many sockets were dialled. */
    get dialCount() {
      return sockets.length;
    },
    get liveCount() {
      return live.size;
    },
    /** The most that were alive at once. */
    get mostAtOnce() {
      return most;
    },
    async closes(): Promise<void> {
      await gateway.close();
      server.close();
    },
  };
};

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Awaited<ReturnType<typeof launchTabbedBrowser>>;
let server: Awaited<ReturnType<typeof startServer>>;
let tab: Tab;

beforeAll(async () => {
  built = await buildPage('lifecycle-page');
  browser = await launchTabbedBrowser();
});
afterAll(async () => {
  await browser?.closes();
  await built.remove();
});
beforeEach(async () => {
  server = await startServer(built.webDir);
  tab = await browser.opensTab();
});
afterEach(async () => {
  await tab.page.close();
  await server.closes();
});

const read = (id: string): Promise<string | null> =>
  tab.page.evaluate((name) => document.getElementById(name)?.textContent ?? null, id);

/** Waits until an output of the page fits; from outside, since a hidden page paints nothing. */
const shows = (id: string, text: string | RegExp, timeout = 10_000) => {
  const poll = expect.poll(() => read(id), { timeout, interval: 20 });
  return typeof text === 'string' ? poll.toBe(text) : poll.toMatch(text);
};

const ALIVE = /"stability":"stable".*"alive"/;

const opensPage = async (query = ''): Promise<void> => {
  await tab.page.goto(`${server.url}/${query}`);
  await shows('status', 'open');
  await shows('state', ALIVE);
  expect(server.dialCount).toBe(1);
};

const turnsNetwork = (on: boolean) =>
  tab.devtools.send('Network.emulateNetworkConditions', {
    offline: !on,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the network goes', () => {
  it('and stalls the socket: a probe finds it dead, and it is back at once with the network', async () => {
    await opensPage();
    await tab.devtools.send('Network.enable');
    await turnsNetwork(false);
    // The browser has told that it is offline, and of the socket nothing: it is asked.
    await shows('state', /"probing"/);
    expect(await read('status')).toBe('open');
    await shows('state', '{"backoff":"offline"}');
    expect(Number(await read('pings'))).toBeGreaterThan(0);
    expect(await read('retries')).toBe('0');
    expect(server.dialCount).toBe(1);

    await turnsNetwork(true);
    await shows('status', 'open', 5_000);
    expect(await read('retries')).toBe('0');
    expect(server.dialCount).toBe(2);
    // I1: in the page never two; the server hears of the stalled one's close once the network is back.
    expect(await read('most-sockets')).toBe('1');
    await expect.poll(() => server.liveCount).toBe(1);
  });

  it('and nobody tells: the heartbeat finds the half-open socket by its own', async () => {
    await opensPage('?deaf');
    await tab.devtools.send('Network.enable');
    await turnsNetwork(false);
    await shows('state', '{"backoff":"waiting"}');
    expect(Number(await read('pings'))).toBeGreaterThan(0);
    // The network comes back by an event that is not hidden, and the 60 s of the backoff are not waited for.
    await turnsNetwork(true);
    await shows('status', 'open', 5_000);
    expect(await read('most-sockets')).toBe('1');
    await expect.poll(() => server.liveCount).toBe(1);
  });
});

describe('a tab', () => {
  it('I1 that is hidden keeps its socket; shown again it asks the server, and goes on', async () => {
    await opensPage();
    const other = await browser.opensTab();
    await other.page.bringToFront();
    await shows('events', /hidden$/);
    await pause(1_500);
    expect(await read('status')).toBe('open');
    const before = Number(await read('pings'));
    await tab.page.bringToFront();
    await shows('events', /visible$/);
    await expect.poll(async () => Number(await read('pings'))).toBeGreaterThan(before);
    await shows('state', ALIVE);
    expect(server.dialCount).toBe(1);
    await other.page.close();
  });

  it('I1 that is frozen closes its socket, and dials one when it is resumed', async () => {
    await opensPage();
    const other = await browser.opensTab();
    await other.page.bringToFront();
    await shows('events', /hidden$/);
    await tab.devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await expect.poll(() => server.liveCount).toBe(0);
    await pause(500);
    expect(server.dialCount).toBe(1);
    await tab.devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await shows('status', 'open');
    expect(await read('events')).toMatch(/freeze resume/);
    await tab.page.bringToFront();
    await shows('state', ALIVE);
    expect(server.dialCount).toBe(2);
    expect(server.mostAtOnce).toBe(1);
    expect(await read('most-sockets')).toBe('1');
    await other.page.close();
  });
});

describe('the back/forward cache', () => {
  it('I1 keeps the page without its socket; back from it the page dials one, at once', async () => {
    await opensPage();
    await tab.page.goto(`${server.url}/elsewhere`);
    await expect.poll(() => server.liveCount).toBe(0);
    await pause(500);
    expect(server.dialCount).toBe(1);
    await tab.page.goBack({ waitUntil: 'commit' });
    await shows('events', /pageshow:cached/);
    await shows('status', 'open');
    await shows('state', ALIVE);
    expect(await read('events')).toMatch(/pagehide:cached .*freeze resume/);
    expect(await read('last-end')).toBe('suspended');
    expect(server.dialCount).toBe(2);
    expect(server.liveCount).toBe(1);
    expect(server.mostAtOnce).toBe(1);
    expect(await read('most-sockets')).toBe('1');
  });
});

describe('a page that is kept busy', () => {
  it('longer than a probe has, with a probe out, keeps its connection: late timers prove nothing', async () => {
    await opensPage();
    const before = Number(await read('pings'));
    await tab.page.evaluate(() => {
      dispatchEvent(new Event('focus'));
      const until = performance.now() + 4_500;
      while (performance.now() < until) {
        // Nothing else runs: neither the timer of the probe nor the frame that answers it.
      }
    });
    await shows('state', ALIVE);
    expect(Number(await read('pings'))).toBeGreaterThan(before);
    await pause(1_500);
    expect(await read('status')).toBe('open');
    expect(server.dialCount).toBe(1);
    expect(server.liveCount).toBe(1);
  });
});
