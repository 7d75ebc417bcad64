/** Servers nobody here wrote, for the tests against a real network. Each `provide` may be `installProgram`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { requireProgram } from './programs.mjs';

const NGINX_PLACES = [
  '/usr/sbin/nginx',
  '/usr/bin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/bin/nginx',
  '/opt/homebrew/bin/nginx',
];
const HAPROXY_PLACES = [
  '/usr/sbin/haproxy',
  '/usr/bin/haproxy',
  '/usr/local/sbin/haproxy',
  '/opt/homebrew/bin/haproxy',
];
/** The system's own, which has what Debian's packages bring; another one that comes first on the PATH has not. */
const PYTHON = '/usr/bin/python3';

const findNginx = () => {
  const named = process.env.NGINX_PATH;
  return (named ? [named] : NGINX_PLACES).find((place) => existsSync(place)) ?? null;
};

const findHaproxy = () => {
  const named = process.env.HAPROXY_PATH;
  return (named ? [named] : HAPROXY_PLACES).find((place) => existsSync(place)) ?? null;
};

const findPython = () => {
  const python = process.env.PYTHON_PATH || PYTHON;
  return spawnSync(python, ['-c', 'import websockets'], { stdio: 'ignore' }).status === 0 ? python : null;
};

/** The path of an nginx. Throws one clear line where there is none. */
export const needNginx = (provide = requireProgram) =>
  provide({
    packageName: 'nginx',
    find: findNginx,
    isNamed: Boolean(process.env.NGINX_PATH),
    purpose: 'The tests behind a reverse proxy',
    remedy: 'nginx: install it (Debian: apt-get install nginx), or set NGINX_PATH to one.',
  });

/** The path of a HAProxy. Throws one clear line where there is none. */
export const needHaproxy = (provide = requireProgram) =>
  provide({
    packageName: 'haproxy',
    find: findHaproxy,
    isNamed: Boolean(process.env.HAPROXY_PATH),
    purpose: 'The tests behind a balancer',
    remedy: 'HAProxy: install it (Debian: apt-get install haproxy), or set HAPROXY_PATH to one.',
  });

/** The path of a Python 3 that has the module websockets. Throws one clear line where there is none. */
export const needPythonWebsockets = (provide = requireProgram) =>
  provide({
    packageName: 'python3-websockets',
    find: findPython,
    isNamed: Boolean(process.env.PYTHON_PATH),
    purpose: 'The tests against a foreign server',
    remedy:
      'Python 3 with the module websockets: install it (Debian: apt-get install python3-websockets), or set PYTHON_PATH to one that has it.',
  });
