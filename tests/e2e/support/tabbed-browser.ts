import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { needChromium } from '../../../scripts/chromium.mjs';
import { QUIET_CHROMIUM } from './browser.ts';

/** A page in a tab of its own, and the DevTools protocol beside it. */
export interface Tab {
  readonly page: Page;
  readonly devtools: CDPSession;
}

/** A Chromium that has just begun, on a busy machine, may take a connection and say nothing on it. The next one it answers. */
const connectTo = async (endpoint: string, triesLeft = 3): Promise<Browser> => {
  try {
    return await chromium.connectOverCDP(endpoint, { noDefaults: true, timeout: 9_000 });
  } catch (cause) {
    if (triesLeft === 1) throw cause;
    return connectTo(endpoint, triesLeft - 1);
  }
};

/**
 * A Chromium as a person has it: tabs of one window, of which one is seen and the others are hidden, and a back/forward
 * cache, and timers that are slowed down where nobody looks. Playwright's own launch switches all of it off, and says of
 * every tab that it is looked at. `flags` are more of Chromium's.
 */
export const launchTabbedBrowser = async (...flags: readonly string[]) => {
  const profile = await mkdtemp(join(tmpdir(), 'statesocket-chromium-'));
  const child = spawn(
    needChromium(),
    ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...QUIET_CHROMIUM, ...flags],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stderr.on('data', (text: Buffer) => {
      output += text;
      const [, url] = /DevTools listening on (ws:\S+)/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}:\n${output}`)));
  });
  const browser = await connectTo(endpoint);
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('Chromium has no default context.');
  return {
    async opensTab(): Promise<Tab> {
      const page = await context.newPage();
      return { page, devtools: await context.newCDPSession(page) };
    },
    async closes(): Promise<void> {
      const session = await browser.newBrowserCDPSession();
      // The browser may be gone before it has answered; that it ends is what counts.
      await Promise.race([session.send('Browser.close'), ended]);
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
