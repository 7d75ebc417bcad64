import { describe, expect, it } from 'vitest';
import { needDebianPackage } from '../../scripts/debian-packages.mjs';
import { needFirefox, needMiniBrowser, needWebKitDriver, needXvfb } from '../../scripts/engines.mjs';
import { needNginx, needPythonWebsockets } from '../../scripts/foreign-servers.mjs';

const need = {
  packageName: 'no-such-package',
  isNamed: true,
  purpose: 'These tests',
  remedy: 'a program: install it (Debian: apt-get install no-such-package).',
};

describe('programs that the tests need', () => {
  it('are taken where they are found, and nothing is installed', () => {
    expect(needDebianPackage({ ...need, isNamed: false, find: () => '/usr/bin/found' })).toBe(
      '/usr/bin/found',
    );
  });

  it('are asked for in one line where the environment names a place that has none', () => {
    let searchCount = 0;
    const find = () => {
      searchCount += 1;
      return null;
    };
    expect(() => needDebianPackage({ ...need, find })).toThrow(
      'These tests need a program: install it (Debian: apt-get install no-such-package).',
    );
    expect(searchCount).toBe(1);
  });

  it.each([
    ['FIREFOX_PATH', needFirefox, 'apt-get install firefox-esr'],
    ['WEBKIT_DRIVER_PATH', needWebKitDriver, 'apt-get install webkit2gtk-driver'],
    ['MINI_BROWSER_PATH', needMiniBrowser, 'apt-get install webkit2gtk-driver'],
    ['XVFB_PATH', needXvfb, 'apt-get install xvfb'],
    ['NGINX_PATH', needNginx, 'apt-get install nginx'],
    ['PYTHON_PATH', needPythonWebsockets, 'apt-get install python3-websockets'],
  ])('%s names one, and a wrong name is one line that says how to get it', (name, find, command) => {
    const before = process.env[name];
    process.env[name] = '/nowhere/at/all';
    try {
      expect(find).toThrow(command);
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });
});
