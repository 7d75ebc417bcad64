import { describe, expect, it } from 'vitest';
import { needDebianPackage } from '../../scripts/debian-packages.mjs';
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
