import { createServer, type IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { isForLocalHost } from '../http/local-host.ts';
import { listen } from '../listening.ts';
import type { Readiness } from './readiness.ts';

/** The port for whoever runs the server. Users of the app cannot reach it. */
export interface OpsServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (status: number, body: string): Page => ({ status, type: 'text/plain', body: `${body}\n` });

/**
 * Serves `/healthz` (the process lives), `/readyz` (it can do its work) and `/metrics` on a port of its own.
 *
 * @param host Where it listens. On loopback it is for requests to this computer by one of its own names: a page that has its name
 *   point here (DNS rebinding) reads nothing.
 * @throws {StartError} when the port cannot be had.
 */
export const startOpsServer = async (options: {
  readonly port: number;
  readonly host: string;
  readonly readiness: Readiness;
  readonly registry: Registry;
}): Promise<OpsServer> => {
  const { port, host, readiness, registry } = options;
  const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.');

  const pageOf = async (request: IncomingMessage): Promise<Page> => {
    if (isLoopback && !isForLocalHost(request)) return text(421, 'This port is for this computer only.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'GET and HEAD only.');
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        return text(200, 'alive');
      case '/readyz': {
        const verdict = await readiness.ask();
        const body = JSON.stringify(verdict);
        return { status: verdict.isReady ? 200 : 503, type: 'application/json', body };
      }
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return text(404, 'There is /healthz, /readyz and /metrics.');
    }
  };

  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    pageOf(request).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      () => {
        response.writeHead(500);
        response.end();
      },
    );
  });
  server.maxConnections = 100;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${await listen(server, port, host, 'OPS_')}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
