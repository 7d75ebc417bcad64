import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { launchBrowser } from './support/browser.ts';
import { buildPage } from './support/built-page.ts';

/**
 * The cures of mistakes are a chunk of the page's bundle. It comes under the strictest policy that lets the page itself in, and where it
 * does not come the page is as it was.
 */

const BY_HOST = "default-src 'none'; script-src 'self'; connect-src 'self'";
const BY_NONCE = "default-src 'none'; script-src 'nonce-abc'; connect-src 'self'";
const SHORT =
  'getToken returned null: nobody is signed in, so nothing was dialled, and the connection is idle until connect().';
const CURE = 'Call connect() when there is a token. Where one could not be had, throw: that is retried.';

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Browser;
let context: BrowserContext;
let server: Server;
let url: string;
let asked: string[];
let policy: string;
/** What is served in place of the chunk. */
let inItsPlace: 'itself' | 'nothing' | 'the page';

const isCures = (text: string): boolean => text.includes('It knows ');

beforeAll(async () => {
  built = await buildPage('mistakes-page');
  browser = await launchBrowser();
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const read = (name: string) => readFileSync(join(built.webDir, name), 'utf8');
    const page = read('index.html').replace('<script ', '<script nonce="abc" ');
    const file = pathname.endsWith('.js') ? read(pathname) : page;
    const isCut = isCures(file) && inItsPlace !== 'itself';
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Content-Type', file === page || isCut ? 'text/html' : 'text/javascript');
    response.statusCode = isCut && inItsPlace === 'nothing' ? 404 : 200;
    response.end(isCut ? page : file);
  });
  new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await built.remove();
});
afterEach(() => context.close());

const opens = async (chunk: typeof inItsPlace, by = BY_HOST): Promise<Page> => {
  asked = [];
  policy = by;
  inItsPlace = chunk;
  context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  return page;
};
const begins = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as { errs?: () => void }).errs?.());
const shows = (page: Page, id: string, text: string) =>
  expect.poll(() => page.textContent(`#${id}`), { timeout: 10_000, interval: 20 }).toBe(text);

describe('a mistake in a page of a strict policy', () => {
  it.each([
    ['of hosts', BY_HOST],
    ['of nonces', BY_NONCE],
  ])('%s is told at once, and its cure comes in a chunk that only such a page loads', async (_, by) => {
    const page = await opens('itself', by);
    const chunk = readdirSync(join(built.webDir, 'assets')).find((name) =>
      isCures(readFileSync(join(built.webDir, 'assets', name), 'utf8')),
    );
    expect(asked).not.toContain(`/assets/${chunk}`);
    await begins(page);
    await shows(page, 'told', SHORT);
    await shows(page, 'message', `${SHORT} ${CURE}`);
    expect(asked).toContain(`/assets/${chunk}`);
    await shows(page, 'status', 'open');
    expect(await page.textContent('#uncaught')).toBe('');
  });

  it.each(['nothing', 'the page'] as const)(
    'has its short message alone where %s is in the place of the chunk, and the connection opens',
    async (chunk) => {
      const page = await opens(chunk);
      await begins(page);
      await shows(page, 'message', SHORT);
      await shows(page, 'status', 'open');
      await page.waitForTimeout(100);
      expect(await page.textContent('#message')).toBe(SHORT);
      expect(await page.textContent('#uncaught')).toBe('');
    },
  );

  it('has it alone offline, where nothing is asked for that would fail', async () => {
    const page = await opens('itself');
    await page.evaluate(() => {
      addEventListener('vite:preloadError', () => document.body.setAttribute('data-failed', ''));
    });
    await context.setOffline(true);
    await begins(page);
    await shows(page, 'message', SHORT);
    await page.waitForTimeout(100);
    expect(await page.textContent('#message')).toBe(SHORT);
    expect(await page.getAttribute('body', 'data-failed')).toBeNull();
    expect(await page.textContent('#uncaught')).toBe('');
  });
});
