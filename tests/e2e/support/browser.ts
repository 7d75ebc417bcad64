import { type Browser, chromium } from 'playwright-core';
import { needChromium } from '../../../scripts/chromium.mjs';

/** A headless Chromium that asks nothing of the world outside this machine. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
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
