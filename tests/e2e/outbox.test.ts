import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildPage } from './support/built-page.ts';
import { startOutboxServer } from './support/outbox-server.ts';
import { launchTabbedBrowser, type Tab } from './support/tabbed-browser.ts';

/**
 * An outbox in a real IndexedDB, under real Web Locks: pages are reloaded, closed, crashed and doubled, and their
 * storage is cleared, filled and refused. What took effect is counted at the gateway.
 */

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Awaited<ReturnType<typeof launchTabbedBrowser>>;
let server: Awaited<ReturnType<typeof startOutboxServer>>;
let tabs: Tab[];

beforeAll(async () => {
  built = await buildPage('outbox-page');
  browser = await launchTabbedBrowser();
});
afterAll(async () => {
  await browser?.closes();
  await built.remove();
});
beforeEach(async () => {
  server = await startOutboxServer(built.webDir);
  tabs = [];
});
afterEach(async () => {
  for (const { page } of tabs) if (!page.isClosed()) await page.close();
  await server.closes();
});

const opens = async (query = '', quotaBytes?: number): Promise<Tab> => {
  const tab = await browser.opensTab();
  tabs.push(tab);
  // Before the first write: from then on Chromium looks at the quota only now and again.
  if (quotaBytes !== undefined) {
    await tab.page.goto(`${server.url}/elsewhere`);
    const quota = { origin: server.url, quotaSize: quotaBytes };
    await tab.devtools.send('Storage.overrideQuotaForOrigin', quota);
  }
  await tab.page.goto(`${server.url}/${query}`);
  await shows(tab, 'status', /./);
  return tab;
};
const read = ({ page }: Tab, id: string): Promise<string | null> =>
  page.evaluate((name) => document.getElementById(name)?.textContent ?? null, id);
const shows = (tab: Tab, id: string, text: string | RegExp) => {
  const poll = expect.poll(() => read(tab, id), { timeout: 15_000, interval: 20 });
  return typeof text === 'string' ? poll.toBe(text) : poll.toMatch(text);
};
const says = ({ page }: Tab, ...texts: string[]): Promise<void> =>
  page.evaluate((all) => globalThis.says(...all), texts);
/** How many entries this page's origin has on the disk. Never makes the database. */
const storedCount = ({ page }: Tab): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('statesocket');
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => resolve(0);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('outbox').objectStore('outbox').count();
          opening.result.close();
          counting.onsuccess = () => resolve(counting.result);
        };
      }),
  );
const stores = (tab: Tab, count: number) =>
  expect.poll(() => storedCount(tab), { timeout: 10_000, interval: 50 }).toBe(count);
const effects = (...texts: string[]) =>
  expect.poll(() => server.effects, { timeout: 15_000, interval: 20 }).toEqual(texts);
/** A page that was typed in while the server was down. */
const opensOffline = async (...texts: string[]): Promise<Tab> => {
  const tab = await opens();
  await shows(tab, 'status', 'open');
  server.goesDown();
  await shows(tab, 'status', /backoff|connecting/);
  await says(tab, ...texts);
  await stores(tab, texts.length);
  return tab;
};
/** Says `a`, what there is no room for, and `b`. Answers what it was. */
const saysMoreThanFits = async (tab: Tab): Promise<string> => {
  await says(tab, 'a');
  await stores(tab, 1);
  // Chromium compresses what it stores: this cannot be.
  const large = `large${randomBytes(300_000).toString('hex')}`;
  await says(tab, large);
  await shows(tab, 'errors', 'storage-failed');
  await says(tab, 'b');
  await stores(tab, 2);
  return large;
};

describe('a reload', () => {
  it('keeps what was typed offline: it is delivered once and in order (I2, I3)', async () => {
    const tab = await opensOffline('a', 'b', 'c');
    await tab.page.reload();
    await shows(tab, 'entries', 'a:queued b:queued c:queued');
    await says(tab, 'd');
    server.comesBack();
    await effects('a', 'b', 'c', 'd');
    await shows(tab, 'entries', 'a:delivered b:delivered c:delivered d:delivered');
    await stores(tab, 0);
  });

  it('between the sending and the receipt does nothing twice (I3)', async () => {
    const tab = await opens();
    await shows(tab, 'status', 'open');
    const goesOn = server.hangs();
    await says(tab, 'a', 'b');
    await shows(tab, 'entries', 'a:sent b:sent');
    await tab.page.reload();
    await shows(tab, 'entries', /^a:(queued|sent) b:(queued|sent)$/);
    goesOn();
    await shows(tab, 'entries', 'a:delivered b:delivered');
    await effects('a', 'b');
  });

  it('shows again what had failed', async () => {
    const tab = await opens();
    await says(tab, 'bad one');
    await shows(tab, 'entries', 'bad one:failed:bad-words');
    await stores(tab, 1);
    await tab.page.reload();
    await shows(tab, 'entries', 'bad one:failed:bad-words');
    await effects();
  });
});

describe('two tabs', () => {
  it('of one user each deliver what is theirs, and neither shows what is the other’s', async () => {
    const one = await opensOffline('a');
    const two = await opens();
    await says(two, 'b');
    await stores(two, 2);
    await shows(one, 'entries', 'a:queued');
    await shows(two, 'entries', 'b:queued');
    server.comesBack();
    await shows(one, 'entries', 'a:delivered');
    await shows(two, 'entries', 'b:delivered');
    expect([...server.effects].sort()).toEqual(['a', 'b']);
  });

  it('of which one is a duplicate of the other number apart', async () => {
    const one = await opensOffline('a', 'b');
    // As the browser's own "Duplicate tab": the same address, and a copy of the sessionStorage.
    const [page] = await Promise.all([
      one.page.context().waitForEvent('page'),
      one.page.evaluate(() => void window.open(location.href)),
    ]);
    const two: Tab = { page, devtools: one.devtools };
    tabs.push(two);
    await shows(two, 'status', /backoff|connecting/);
    await says(two, 'c', 'd');
    await stores(one, 4);
    server.comesBack();
    await shows(one, 'entries', 'a:delivered b:delivered');
    await shows(two, 'entries', 'c:delivered d:delivered');
    expect([...server.effects].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('inherit from each other: what a closed one left, another one delivers', async () => {
    const one = await opensOffline('a', 'b');
    const two = await opens();
    await shows(two, 'entries', '');
    await one.page.close();
    await shows(two, 'entries', 'a:queued b:queued');
    server.comesBack();
    await effects('a', 'b');
    await shows(two, 'entries', 'a:delivered b:delivered');
  });

  it('inherit what one left that was opened later, and crashed', async () => {
    const one = await opens();
    await shows(one, 'status', 'open');
    const two = await opensOffline('a');
    // It is never answered: who could.
    two.devtools.send('Page.crash').catch(() => {});
    await shows(one, 'entries', 'a:queued');
    server.comesBack();
    await effects('a');
  });
});

describe('a storage that', () => {
  it('is cleared while the page runs is written again: a reload still has everything', async () => {
    const tab = await opensOffline('a');
    await tab.devtools.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'indexeddb' });
    await stores(tab, 1);
    await says(tab, 'b');
    await stores(tab, 2);
    await tab.page.reload();
    await shows(tab, 'entries', 'a:queued b:queued');
    server.comesBack();
    await effects('a', 'b');
    await shows(tab, 'errors', '');
  });

  it('is full is told once, and nothing is lost while the page lives (storage-failed)', async () => {
    const tab = await opens('', 100_000);
    await shows(tab, 'status', 'open');
    server.goesDown();
    await shows(tab, 'status', /backoff|connecting/);
    const large = await saysMoreThanFits(tab);
    server.comesBack();
    await effects('a', large, 'b');
    await shows(tab, 'entries', /^a:delivered large\w*:delivered b:delivered$/);
    await shows(tab, 'errors', 'storage-failed');
  });

  it('has room for a part leaves that part to no other tab while the page is disconnected (I2, I3)', async () => {
    const tab = await opens('', 100_000);
    await shows(tab, 'status', 'open');
    const other = await opens();
    await shows(other, 'status', 'open');
    server.goesDown();
    await shows(tab, 'status', /backoff|connecting/);
    const large = await saysMoreThanFits(tab);
    await tab.page.evaluate(() => globalThis.leaves());
    await shows(tab, 'entries', '');
    server.comesBack();
    await says(other, 'c');
    await shows(other, 'entries', 'c:delivered');
    await tab.page.evaluate(() => globalThis.returns());
    await effects('c', 'a', large, 'b');
    await shows(tab, 'entries', /^a:delivered large\w*:delivered b:delivered$/);
  });

  it('cannot be opened is told once, and messages go from memory', async () => {
    const tab = await opens('?private');
    await shows(tab, 'errors', 'storage-failed');
    server.goesDown();
    await shows(tab, 'status', /backoff|connecting/);
    await says(tab, 'a', 'b');
    await shows(tab, 'entries', 'a:queued b:queued');
    server.comesBack();
    await effects('a', 'b');
    await shows(tab, 'errors', 'storage-failed');
  });
});

describe('the back/forward cache', () => {
  it('keeps a page with its lock: back from it, it goes on', async () => {
    const tab = await opensOffline('a');
    await tab.page.goto(`${server.url}/elsewhere`);
    await tab.page.goBack({ waitUntil: 'commit' });
    await shows(tab, 'cached', 'yes');
    await says(tab, 'b');
    server.comesBack();
    await effects('a', 'b');
  });

  it('gives up a page whose lock another one asks for: that one inherits', async () => {
    const tab = await opensOffline('a');
    await tab.page.goto(`${server.url}/elsewhere`);
    const other = await opens();
    await shows(other, 'entries', 'a:queued');
    await tab.page.goBack({ waitUntil: 'commit' });
    await shows(tab, 'status', /backoff|connecting/);
    expect(await read(tab, 'cached')).toBe('no');
    expect(await read(tab, 'entries')).toBe('');
    server.comesBack();
    await effects('a');
  });
});
