import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const CONTENT_TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** A page's files on a port of its own. What is asked of the server beside them is up to the test. */
export interface PageServer {
  readonly server: Server;
  readonly url: string;
  readonly port: number;
}

/** Serves a built page; any other path is a page to go to. */
export const servePage = async (webDir: string): Promise<PageServer> => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(webDir, pathname === '/' ? 'index.html' : pathname);
    response.setHeader('Content-Type', CONTENT_TYPES[extname(file)] ?? 'text/html');
    response.end(existsSync(file) ? await readFile(file) : '<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, port };
};
