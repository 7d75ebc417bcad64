import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildPage } from './support/built-page.ts';
import { startLifecycleServer } from './support/lifecycle-server.ts';
import { launchTabbedBrowser, type Tab } from './support/tabbed-browser.ts';

/**
 * What a browser does to a page, for real: the network goes and comes, tabs are hidden and shown, a page is frozen, is
 * kept in the back/forward cache, or is kept busy. The sockets are counted on the server.
 */

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Awaited<ReturnType<typeof launchTabbedBrowser>>;
let server: Awaited<ReturnType<typeof startLifecycleServer>>;
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
  server = await startLifecycleServer(built.webDir);
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
    await shows('state', '{"backoff":"waiting"}');
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
