import { readdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeViolations } from './support/axe.ts';
import { launchBrowser } from './support/browser.ts';
import { Person } from './support/person.ts';
import { createRednGiftProcess, type RednGiftProcess } from './support/redngift-process.ts';

let browser: Browser;
let server: RednGiftProcess;
let ada: Person;

const inspector = () => ada.page.getByRole('region', { name: 'Connection inspector' });
const press = (name: string) => inspector().getByRole('button', { name, exact: true }).click();
const isLit = (state: string) =>
  ada.page.locator(`svg[aria-label^="connection:"] rect.lit[data-state="${state}"]`).waitFor();
/** Whether a state lies within the part of the picture that is seen. */
const isInSight = (state: string): Promise<boolean> =>
  ada.page.locator(`section[aria-label="Statechart: connection"]`).evaluate((view, id) => {
    const seen = view.getBoundingClientRect();
    const box = view.querySelector(`rect[data-state="${id}"]`)?.getBoundingClientRect();
    return (
      box !== undefined &&
      box.left >= seen.left &&
      box.right <= seen.right &&
      box.top >= seen.top &&
      box.bottom <= seen.bottom
    );
  }, state);
/** Waits for a step of the timeline that has all of these words. */
const hasStep = async (...words: string[]): Promise<void> => {
  let step = inspector().getByRole('region', { name: 'Timeline' }).getByRole('button');
  for (const word of words) step = step.filter({ hasText: word });
  await step.first().waitFor();
};

const lookAtIt = async (): Promise<void> => {
  await ada.page.getByRole('button', { name: 'Look at the connection' }).click();
  await inspector().waitFor();
};

const isStable = () => isLit('socket.open.stability.stable');

beforeAll(async () => {
  browser = await launchBrowser();
  server = await createRednGiftProcess();
  await server.start();
  ada = await Person.open(browser, 'Ada');
  await ada.signsIn(server.url);
});
afterAll(async () => {
  await browser.close();
  await server.dispose();
});
// A page that is loaded again has a connection that nothing has happened to.
beforeEach(async () => {
  await ada.page.setViewportSize({ width: 1280, height: 800 });
  await ada.page.goto(server.url);
  await ada.sees('open');
  ada.sockets.splice(0, ada.sockets.length - 1);
  await lookAtIt();
});

describe('each button moves the picture as the chart says', () => {
  it('Close clean: a stable connection is dialled again at once', async () => {
    await isStable();
    await press('Close clean');
    await hasStep('socket.closed 1000', 'closed: always [mayRedialAtOnce] → dialling', 'dialling: always');
    await isLit('socket.open.stability.settling');
    expect(ada.sockets).toHaveLength(2);
    expect(ada.liveSockets).toHaveLength(1);
  });

  it('Close 1006: backoff, and the first retry is counted', async () => {
    await press('Close 1006');
    await hasStep('socket.closed 1006, not clean: The connection was lost.', 'lost: always [hasRetriesLeft]');
    await hasStep('after retryDelay', 'retry 1');
    await isLit('socket.open.stability.settling');
    await press('Close 1006');
    await isLit('backoff.waiting');
    await inspector().getByRole('region', { name: 'Delays' }).getByText('retryDelay').waitFor();
    await press('Retry');
    await hasStep('user.retry', 'backoff: user.retry → dialling');
    await isLit('socket.open.stability.settling');
  });

  it('Close 4401: a fresh token once, and refused again RednGift asks to sign in', async () => {
    await press('Close 4401');
    await hasStep('4401: The session has expired.', 'closed: always [saysRefresh] → dialling', 'fresh token');
    await isLit('socket.open.stability.settling');
    await press('Close 4401');
    // The drawer goes with all else of the account.
    await ada.page.getByText('Your session has expired. Please sign in again.').waitFor();
    expect(await inspector().count()).toBe(0);
    await ada.signsIn(server.url);
  });

  it('Stall: the server is asked, does not answer, and its socket is replaced', async () => {
    await isStable();
    await isLit('socket.open.liveness.watched.alive');
    await press('Stall');
    await hasStep('frame.silent', '[canAsk]');
    await hasStep('probe.unanswered', '[mayReplaceUnlessMute] → dialling');
    await isLit('socket.open.stability.settling');
    expect(ada.liveSockets).toHaveLength(1);
  });

  it('Offline and Online: a wait goes on while offline, and a network that is back ends it', async () => {
    await press('Close 1006');
    await isLit('socket.open.stability.settling');
    await press('Close 1006');
    await isLit('backoff.waiting');
    await press('Offline');
    await hasStep('network.lost');
    await press('Online');
    await hasStep('network.restored', 'backoff.waiting: network.restored → dialling');
    await isLit('socket.open.stability.settling');
  });

  it('Freeze and Resume: the socket is closed with the page, and dialled when it is thawed', async () => {
    await press('Freeze');
    await isLit('backoff.suspended');
    await expect.poll(() => ada.liveSockets.length).toBe(0);
    await press('Resume');
    await hasStep('page.resumed');
    await isLit('socket.open.stability.settling');
  });

  it('Show page: a wait without advice is over', async () => {
    await press('Close 1006');
    await isLit('socket.open.stability.settling');
    await press('Close 1006');
    await isLit('backoff.waiting');
    await press('Show page');
    await hasStep('backoff.waiting: page.shown → dialling');
  });

  it('Log out and Disconnect: nothing reconnects, until Connect', async () => {
    await press('Log out');
    await isLit('loggedOut');
    await press('Connect');
    await isLit('socket.open.stability.settling');
    await press('Disconnect');
    await isLit('idle');
    await expect.poll(() => ada.liveSockets.length).toBe(0);
  });

  it('any close code: 1013 advises to wait 10 s, and only a person may shorten it', async () => {
    await inspector().getByLabel('Close code').selectOption('1013');
    await press('Close');
    await hasStep('1013: The server is busy.', 'advised to wait 10.0 s');
    await isLit('backoff.advised');
    expect(await inspector().getByRole('button', { name: 'Show page' }).isDisabled()).toBe(true);
    await press('Retry');
    await isLit('socket.open.stability.settling');
  });
});

describe('the drawer', () => {
  it('shows the delivery chart, what passes and what waits, and no secret (I13)', async () => {
    await ada.page.locator('svg[aria-label^="delivery:"] rect.lit[data-state="live"]').waitFor();
    const data = inspector().getByRole('region', { name: 'Data plane' });
    expect(await data.textContent()).toMatch(/in[1-9]\d* frames/);
    const token = await ada.page.evaluate(() => localStorage.getItem('accessToken'));
    if (token === null) throw new Error('nobody is signed in');
    expect(await inspector().evaluate((element) => element.outerHTML)).not.toContain(token);
  });

  it('is used by keyboard alone, closes with Escape, and gives the focus back', async () => {
    const { page } = ada;
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    await expect.poll(focused).toBe('Close');
    const seen: string[] = [];
    for (let count = 0; count < 24; count += 1) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(
          () =>
            document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
        ),
      );
    }
    for (const name of ['Close 1006', 'Stall', 'Step', 'Save recording', 'Statechart: connection']) {
      expect(seen).toContain(name);
    }
    // A button that has nothing more to do keeps the focus.
    await inspector().getByRole('button', { name: 'Log out' }).focus();
    await page.keyboard.press('Enter');
    await isLit('loggedOut');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Look at the connection');
    expect(await inspector().count()).toBe(0);
  });

  it('saves a recording, and opens it again', async () => {
    const { page } = ada;
    await press('Close 1006');
    await isLit('socket.open.stability.settling');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Save recording')]);
    const path = await download.path();
    const token = await page.evaluate(() => localStorage.getItem('accessToken'));
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    await inspector().getByLabel('Open recording').setInputFiles(path);
    await inspector().getByRole('button', { name: 'Back to the connection' }).waitFor();
    await press('First step');
    await isLit('idle');
    await press('Step forward');
    await isLit('socket.connecting');
    await press('Back to the connection');
    await isLit('socket.open');
  });

  it.each(['light', 'dark'] as const)('fits a phone, and passes axe-core, in %s', async (colorScheme) => {
    const { page } = ada;
    await page.setViewportSize({ width: 390, height: 780 });
    await page.emulateMedia({ colorScheme });
    await isLit('socket.open');
    const overflow = await page.evaluate(
      () => document.querySelector('.drawer')?.scrollWidth === document.querySelector('.drawer')?.clientWidth,
    );
    expect(overflow).toBe(true);
    // The picture has scrolled to what is active: a chart of this size does not fit.
    await press('Freeze');
    await isLit('backoff.suspended');
    await expect.poll(() => isInSight('backoff.suspended')).toBe(true);
    await press('Resume');
    await isLit('socket.open.stability.settling');
    await expect.poll(() => isInSight('backoff.suspended')).toBe(false);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('is loaded by those who open it only', () => {
    const assets = 'app/dist/web/assets';
    const withInspector = readdirSync(assets).filter(
      (name) =>
        name.endsWith('.js') && readFileSync(`${assets}/${name}`, 'utf8').includes('statesocket-inspector'),
    );
    expect(withInspector).toHaveLength(1);
    const html = readFileSync('app/dist/web/index.html', 'utf8');
    expect(html).not.toContain(withInspector[0]);
    expect(readFileSync('dist/index.js', 'utf8')).not.toContain('statesocket-inspector');
    expect(readFileSync('dist/inspect.js', 'utf8')).not.toMatch(/elkjs|org\.eclipse/);
  });
});
