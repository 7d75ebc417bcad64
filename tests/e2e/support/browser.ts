import { type Browser, chromium } from 'playwright-core';
import { needChromium } from '../../../scripts/chromium.mjs';

/** Flags of a Chromium that asks nothing of the world outside this machine. */
export const QUIET_CHROMIUM = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium that asks nothing of the world outside this machine. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: needChromium(), args: QUIET_CHROMIUM });
