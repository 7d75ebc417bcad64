/** Where this machine's Chromium is, for the end-to-end tests. */
import { existsSync } from 'node:fs';
import { requireProgram } from './programs.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of a Chromium, or null. `CHROMIUM_PATH` comes first. */
export const findChromium = () => {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  return PLACES.find((place) => existsSync(place)) ?? null;
};

/** As {@link findChromium}, but throws one clear line where there is none. `provide` may be `installProgram`. */
export const needChromium = (provide = requireProgram) =>
  provide({
    packageName: 'chromium',
    find: findChromium,
    isNamed: Boolean(process.env.CHROMIUM_PATH),
    purpose: 'The end-to-end tests',
    remedy:
      'Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to a Chromium or Chrome.',
  });
