import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { needHaproxy, needNginx } from '../../../scripts/foreign-servers.mjs';
import { freePort } from '../../support/free-port.ts';
import { startListeningProcess } from './listening-process.ts';

/** Where a node takes people, and where it says whether it is ready. */
export interface NodePorts {
  readonly port: number;
  readonly opsPort: number;
}

/** The configuration that docs/operations.md shows, for two nodes of this computer. */
const shownFor = async (language: string, port: number, nodes: readonly NodePorts[], idle: string) => {
  const page = await readFile(resolve(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const shown = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
  const [one, two] = nodes;
  return shown
    .replace(/ *server 10\.0\.0\.13:.*\n/, '')
    .replace('10.0.0.11:3000', `127.0.0.1:${one?.port}`)
    .replace('10.0.0.12:3000', `127.0.0.1:${two?.port}`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace('check port 9464', 'check')
    .replace(/(server one .*)/, `$1 port ${one?.opsPort}`)
    .replace(/(server two .*)/, `$1 port ${two?.opsPort}`)
    .replace('proxy_read_timeout 60s', `proxy_read_timeout ${idle}`)
    .replace('timeout tunnel 60s', `timeout tunnel ${idle}`);
};

const write = async (name: string, text: string) => {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Started by root, the workers of nginx are somebody else.
  await chmod(folder, 0o755);
  const file = join(folder, `${name}.conf`);
  await writeFile(file, text);
  return { folder, file };
};

/** A balancer before two nodes, gone when the test ends. Resolves with its port. */
export type StartBalancer = (
  nodes: readonly NodePorts[],
  idle?: string,
  edit?: (shown: string) => string,
) => Promise<number>;

export const startNginxBalancer: StartBalancer = async (nodes, idle = '60s') => {
  const port = await freePort();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  );
  const shown = await shownFor('nginx', port, nodes, idle);
  const { folder, file } = await write(
    'nginx',
    `daemon off;\npid nginx.pid;\nevents { worker_connections 256; }\nhttp {\naccess_log off;\n${places.join('\n')}\n${shown}}\n`,
  );
  await startListeningProcess(needNginx(), ['-e', 'stderr', '-p', folder, '-c', file], port, 'SIGTERM');
  return port;
};

export const startHaproxyBalancer: StartBalancer = async (nodes, idle = '60s', edit = (shown) => shown) => {
  const port = await freePort();
  const { file } = await write('haproxy', edit(await shownFor('haproxy', port, nodes, idle)));
  await startListeningProcess(needHaproxy(), ['-db', '-f', file], port, 'SIGTERM');
  return port;
};
