import type { Browser, Page } from 'playwright-core';
import { readRecording } from 'statesocket';
import { replay } from 'statesocket/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createSentryReceiver, type SentryEvent } from '../support/sentry-receiver.ts';
import { launchBrowser } from './support/browser.ts';
import { buildPage } from './support/built-page.ts';
import { servePage } from './support/page-server.ts';

/** The real Sentry SDK in a real browser, which sends to a receiver on this machine. */

const TOKEN = `tok-${crypto.randomUUID()}`;

/** The page, and sockets that the test closes. */
const startServer = async (webDir: string) => {
  const { server, url } = await servePage(webDir);
  let accepts = true;
  const sockets = new WebSocketServer({
    server,
    verifyClient: (_: unknown, decide: (accept: boolean) => void) => decide(accepts),
  });
  const open: WebSocket[] = [];
  sockets.on('connection', (socket) => open.push(socket));
  return {
    url,
    dialCount: () => open.length,
    refuses: (): void => {
      accepts = false;
    },
    /** The socket that came last closes; the reason repeats the token, as a careless server would. */
    closes: (code: number) => open.at(-1)?.close(code, `refused ${TOKEN}`),
    async ends(): Promise<void> {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

let built: Awaited<ReturnType<typeof buildPage>>;
let browser: Browser;
let receiver: Awaited<ReturnType<typeof createSentryReceiver>>;
let server: Awaited<ReturnType<typeof startServer>>;
let page: Page;

beforeAll(async () => {
  built = await buildPage('sentry-page');
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});
beforeEach(async () => {
  server = await startServer(built.webDir);
  receiver = await createSentryReceiver();
  const context = await browser.newContext();
  await context.addInitScript(
    ([dsn, token]) => {
      localStorage.setItem('dsn', String(dsn));
      localStorage.setItem('accessToken', String(token));
    },
    [receiver.dsn, TOKEN],
  );
  page = await context.newPage();
  await page.goto(server.url);
});
afterEach(async () => {
  await page.context().close();
  await server.ends();
  await receiver.close();
});

const isShown = (status: string) =>
  expect.poll(() => page.locator('#status').textContent(), { timeout: 20_000 }).toBe(status);
const arrives = (count: number) =>
  expect.poll(() => receiver.events().length, { timeout: 40_000 }).toBe(count);

const connects = () => page.evaluate(() => globalThis.connects());
const retries = () => page.evaluate(() => globalThis.retries());

/** The connection opens, and its token is refused, also the fresh one: `failed`. */
const isRejected = async (): Promise<void> => {
  const before = server.dialCount();
  await expect.poll(() => server.dialCount()).toBe(before + 1);
  server.closes(4401);
  await expect.poll(() => server.dialCount()).toBe(before + 2);
  server.closes(4401);
  await isShown('failed');
};

const codesOf = (events: readonly SentryEvent[]): (string | undefined)[] =>
  events.map(({ fingerprint }) => fingerprint?.[1]);

describe('Sentry in Chromium', () => {
  it('gets a report with tag, user, the way there, a recording that replays, and no byte of the token (I13)', async () => {
    const rejected = isRejected();
    await connects();
    await rejected;
    await arrives(1);
    const [event] = receiver.events();
    expect(event).toMatchObject({
      tags: { component: 'WebSocket' },
      extra: { userId: 'ada-lovelace' },
      fingerprint: ['statesocket', 'connection-failed', 'rejected', 'closed: refresh'],
    });
    expect(event?.exception?.values[0]?.value).toMatch(/^The connection has failed: rejected\./);
    const crumbs = event?.breadcrumbs?.filter(({ category }) => category === 'statesocket') ?? [];
    expect(crumbs.map(({ message }) => message)).toEqual([
      'idle → connecting',
      'connecting → open',
      'open → connecting',
      'connecting → open',
      'open → failed',
    ]);
    expect(crumbs.at(-1)?.data).toEqual({ retryCount: 0, cause: 'closed', code: 4401 });

    const recording = JSON.parse(event?.contexts?.statesocket?.recording ?? '');
    const types = readRecording(recording).map(({ event: { type } }) => type);
    expect(types.filter((type) => type === 'socket.closed')).toHaveLength(2);
    expect(replay(recording)).toBeNull();

    expect(receiver.everything()).toContain('ada-lovelace');
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('makes one issue of one cause, however often it is retried', async () => {
    const rejected = isRejected();
    await connects();
    await rejected;
    // What was refused is asked for as a fresh token, so that one refusal more is the last word.
    const before = server.dialCount();
    await retries();
    await expect.poll(() => server.dialCount()).toBe(before + 1);
    server.closes(4401);
    await arrives(2);
    expect(server.dialCount()).toBe(before + 1);
    server.refuses();
    await retries();
    await arrives(3);
    await retries();
    await arrives(4);

    const events = receiver.events();
    expect(codesOf(events)).toEqual([
      'connection-failed',
      'connection-failed',
      'socket-error',
      'socket-error',
    ]);
    expect(new Set(events.map(({ fingerprint }) => JSON.stringify(fingerprint))).size).toBe(2);
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets what went wrong while the browser was offline once it is back, as it was then', async () => {
    await connects();
    await isShown('open');
    await page.context().setOffline(true);
    await page.evaluate(() => {
      globalThis.disconnects();
      globalThis.connects();
    });
    await isShown('backoff');
    // The SDK has tried, and keeps the report in IndexedDB.
    await expect
      .poll(() => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)))
      .toContain('sentry-offline');
    expect(receiver.events()).toEqual([]);

    await page.context().setOffline(false);
    await arrives(1);
    await isShown('open');
    const [event] = receiver.events();
    expect(event).toMatchObject({
      tags: { component: 'WebSocket' },
      extra: { userId: 'ada-lovelace' },
      fingerprint: ['statesocket', 'socket-error'],
    });
    const crumbs = event?.breadcrumbs?.filter(({ category }) => category === 'statesocket') ?? [];
    expect(crumbs.map(({ message }) => message)).toEqual([
      'idle → connecting',
      'connecting → open',
      'open → idle',
      'idle → connecting',
    ]);
    const recording = JSON.parse(event?.contexts?.statesocket?.recording ?? '');
    expect(readRecording(recording).map(({ event: { type } }) => type)).toContain('network.lost');
    expect(replay(recording)).toBeNull();
    expect(receiver.everything()).not.toContain(TOKEN);
  });
});
