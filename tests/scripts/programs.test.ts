import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needChromium } from '../../scripts/chromium.mjs';
import { needFirefox, needMiniBrowser, needWebKitDriver, needXvfb } from '../../scripts/engines.mjs';
import { needHaproxy, needNginx, needPythonWebsockets } from '../../scripts/foreign-servers.mjs';
import { installProgram, requireProgram } from '../../scripts/programs.mjs';

const program = {
  packageName: 'no-such-package',
  isNamed: true,
  purpose: 'These tests',
  remedy: 'a program: install it (Debian: apt-get install no-such-package).',
};
const LINE =
  'These tests need a program: install it (Debian: apt-get install no-such-package). `npm test` installs it on Debian as root.';

describe('programs that the tests need', () => {
  it('are taken where they are found, and nothing is installed', () => {
    const found = { ...program, isNamed: false, find: () => '/usr/bin/found' };
    expect(requireProgram(found)).toBe('/usr/bin/found');
    expect(installProgram(found)).toBe('/usr/bin/found');
  });

  it('are asked for in one line by a test, which looks once and installs nothing', () => {
    let searchCount = 0;
    const find = () => {
      searchCount += 1;
      return null;
    };
    expect(() => requireProgram({ ...program, isNamed: false, find })).toThrow(LINE);
    expect(searchCount).toBe(1);
  });

  it('are asked for in the same line by `npm test` where the environment names a place that has none', () => {
    expect(() => installProgram({ ...program, find: () => null })).toThrow(LINE);
  });

  it.each([
    ['CHROMIUM_PATH', needChromium, 'apt-get install chromium'],
    ['FIREFOX_PATH', needFirefox, 'apt-get install firefox-esr'],
    ['WEBKIT_DRIVER_PATH', needWebKitDriver, 'apt-get install webkit2gtk-driver'],
    ['MINI_BROWSER_PATH', needMiniBrowser, 'apt-get install webkit2gtk-driver'],
    ['XVFB_PATH', needXvfb, 'apt-get install xvfb'],
    ['NGINX_PATH', needNginx, 'apt-get install nginx'],
    ['HAPROXY_PATH', needHaproxy, 'apt-get install haproxy'],
    ['PYTHON_PATH', needPythonWebsockets, 'apt-get install python3-websockets'],
  ])('%s names one, and a wrong name is one line that says how to get it', (name, find, command) => {
    const before = process.env[name];
    process.env[name] = '/nowhere/at/all';
    try {
      expect(() => find()).toThrow(command);
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });
});

describe('who installs system packages', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const filesIn = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|tsx|mjs|py)$/.test(path))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
  const naming = (pattern: RegExp): string[] =>
    ['tests', 'scripts', 'benchmarks'].flatMap(filesIn).filter((path) => {
      const isHere = path === 'tests/scripts/programs.test.ts';
      return !isHere && pattern.test(readFileSync(join(root, path), 'utf8'));
    });

  it('is `npm test` alone: no test and no benchmark installs any', () => {
    expect(naming(/^import [^;]*\binstallProgram\b/m)).toEqual(['scripts/test.mjs']);
    expect(naming(/['"`](?:\/usr\/bin\/)?apt(?:-get)?['"`]/)).toEqual(['scripts/programs.mjs']);
  });
});
