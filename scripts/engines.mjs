/** Firefox and WebKitGTK, for the tests that run in every engine. Each `provide` may be `installProgram`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from './programs.mjs';

const FIREFOX_PLACES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];
const DRIVER_PLACES = ['/usr/bin/WebKitWebDriver', '/usr/local/bin/WebKitWebDriver'];
const XVFB_PLACES = ['/usr/bin/Xvfb', '/usr/local/bin/Xvfb'];
/** Where Debian keeps libraries: MiniBrowser is beside that of WebKit, in a folder of the machine's architecture. */
const LIBRARIES = '/usr/lib';

/** The first that exists, or null. A place that the environment names comes instead of all others. */
const placeOf = (variable, places) => {
  const named = process.env[variable];
  return (named ? [named] : places).find((place) => existsSync(place)) ?? null;
};

const miniBrowsers = () =>
  existsSync(LIBRARIES)
    ? readdirSync(LIBRARIES).map((folder) => join(LIBRARIES, folder, 'webkit2gtk-4.1/MiniBrowser'))
    : [];

const need = (provide, variable, places, packageName, purpose, what) =>
  provide({
    packageName,
    find: () => placeOf(variable, places()),
    isNamed: Boolean(process.env[variable]),
    purpose,
    remedy: `${what}: install it (Debian: apt-get install ${packageName}), or set ${variable} to one.`,
  });

/** The path of a Firefox. Throws one clear line where there is none. */
export const needFirefox = (provide = requireProgram) =>
  need(provide, 'FIREFOX_PATH', () => FIREFOX_PLACES, 'firefox-esr', 'The tests in Firefox', 'Firefox');

/** The path of WebKitGTK's WebDriver. Throws one clear line where there is none. */
export const needWebKitDriver = (provide = requireProgram) =>
  need(
    provide,
    'WEBKIT_DRIVER_PATH',
    () => DRIVER_PLACES,
    'webkit2gtk-driver',
    'The tests in WebKit',
    'WebKitWebDriver',
  );

/** The path of the browser that WebKitGTK's WebDriver drives; its package brings it. Throws one clear line where there is none. */
export const needMiniBrowser = (provide = requireProgram) =>
  need(provide, 'MINI_BROWSER_PATH', miniBrowsers, 'webkit2gtk-driver', 'The tests in WebKit', 'MiniBrowser');

/** The path of the screen that nobody looks at: WebKitGTK has no headless mode. Throws one clear line where there is none. */
export const needXvfb = (provide = requireProgram) =>
  need(provide, 'XVFB_PATH', () => XVFB_PLACES, 'xvfb', 'The tests in WebKit', 'Xvfb');
