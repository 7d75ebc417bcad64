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

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";
const SHORT = 'createConnection knows no option maxRetry, so that one does nothing.';

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Browser;
let context: BrowserContext;
let server: Server;
let url: string;
let asked: string[];
let isChunkThere: boolean;

const isCures = (text: string): boolean => text.includes('It knows ');

beforeAll(async () => {
  built = await buildPage('mistakes-page');
  browser = await launchBrowser();
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(pathname);
    const text = readFileSync(join(built.webDir, pathname === '/' ? 'index.html' : pathname), 'utf8');
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('Content-Type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.statusCode = isCures(text) && !isChunkThere ? 404 : 200;
    response.end(text);
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

const opens = async (hasChunk: boolean): Promise<Page> => {
  asked = [];
  isChunkThere = hasChunk;
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
  it('is told at once, and its cure comes in a chunk that only such a page loads', async () => {
    const page = await opens(true);
    const chunk = readdirSync(join(built.webDir, 'assets')).find((name) =>
      isCures(readFileSync(join(built.webDir, 'assets', name), 'utf8')),
    );
    expect(asked).not.toContain(`/assets/${chunk}`);
    await begins(page);
    await shows(page, 'told', SHORT);
    await shows(page, 'message', `${SHORT} Did you mean maxRetries?`);
    expect(asked).toContain(`/assets/${chunk}`);
    await shows(page, 'status', 'open');
    expect(await page.textContent('#uncaught')).toBe('');
  });

  it('has its short message alone where the chunk is gone, and the connection opens', async () => {
    const page = await opens(false);
    await begins(page);
    await shows(page, 'message', SHORT);
    await shows(page, 'status', 'open');
    await page.waitForTimeout(100);
    expect(await page.textContent('#message')).toBe(SHORT);
    expect(await page.textContent('#uncaught')).toBe('');
  });

  it('has it alone offline, where nothing is asked for that would fail', async () => {
    const page = await opens(true);
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
