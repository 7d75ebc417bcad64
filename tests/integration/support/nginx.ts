import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { needNginx } from '../../../scripts/foreign-servers.mjs';
import { freePort } from '../../support/free-port.ts';
import { startListeningProcess } from './listening-process.ts';

const configuration = (port: number, targetPort: number, idleMs: number) => `
daemon off;
pid nginx.pid;
worker_processes 2;
# How long an old worker keeps its sockets after a reload.
worker_shutdown_timeout 300ms;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${targetPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout ${idleMs}ms;
    }
  }
}
`;

/** An nginx in front of a port, as its documentation has it for WebSockets. It needs no privileges, and is gone when the test ends. */
export const startNginx = async ({ targetPort, idleMs }: { targetPort: number; idleMs: number }) => {
  const program = needNginx();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Started by root, its workers are somebody else.
  await chmod(folder, 0o755);
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(port, targetPort, idleMs));
  const args = ['-e', 'stderr', '-p', folder, '-c', file];
  // Killed, it would leave its workers behind.
  const server = await startListeningProcess(program, args, port, 'SIGTERM');
  const command = async (name: string): Promise<void> => {
    await promisify(execFile)(program, [...args, '-s', name]);
  };
  return {
    url: `ws://127.0.0.1:${port}/`,
    /** `nginx -s reload`: new workers take over, the old ones end after their shutdown timeout. */
    reload: () => command('reload'),
    /** `nginx -s stop`: ends at once. */
    async stop(): Promise<void> {
      await command('stop');
      await server.ended();
    },
    start: server.start,
  };
};
