import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createGateway, memoryEngine } from 'statesocket/gateway';

const CONTENT_TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Serves lifecycle-page, any other page to go to, and a gateway that counts its sockets. */
export const startLifecycleServer = async (webDir: string) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(webDir, pathname === '/' ? 'index.html' : pathname);
    response.setHeader('Content-Type', CONTENT_TYPES[extname(file)] ?? 'text/html');
    response.end(existsSync(file) ? await readFile(file) : '<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const sockets: Duplex[] = [];
  const live = new Set<Duplex>();
  let most = 0;
  server.on('upgrade', (_request, socket: Duplex) => {
    sockets.push(socket);
    live.add(socket);
    most = Math.max(most, live.size);
    socket.once('close', () => live.delete(socket));
  });
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    handle: () => {},
    heartbeatMs: 500,
  });
  return {
    url,
    port,
    /** How many sockets were dialled. */
    get dialCount() {
      return sockets.length;
    },
    get liveCount() {
      return live.size;
    },
    /** The most that were alive at once. */
    get mostAtOnce() {
      return most;
    },
    async closes(): Promise<void> {
      await gateway.close();
      server.close();
    },
  };
};
