import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** The part of an event the tests look at. */
export interface SentryEvent {
  readonly message?: string;
  readonly tags?: Record<string, unknown>;
  readonly extra?: Record<string, unknown>;
  readonly fingerprint?: readonly string[];
  readonly contexts?: {
    readonly statesocket?: { readonly recording: string; readonly leftOutCount: number };
  };
  readonly breadcrumbs?: readonly {
    readonly category?: string;
    readonly message?: string;
    readonly data?: unknown;
  }[];
  readonly exception?: {
    readonly values: readonly {
      readonly type: string;
      readonly value: string;
      readonly stacktrace?: { readonly frames: readonly { readonly function?: string }[] };
    }[];
  };
}

/** A local HTTP server that takes what a real Sentry SDK sends. */
export const createSentryReceiver = async () => {
  const envelopes: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      envelopes.push(`${request.url}\n${JSON.stringify(request.headers)}\n${text.toString('utf8')}`);
      response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', '*');
      response.end('{}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://public@127.0.0.1:${port}/1`,
    /** Everything that arrived, byte for byte: request lines, headers and bodies. */
    everything: () => envelopes.join('\n'),
    /** The error events of all envelopes, in order of arrival. */
    events(): SentryEvent[] {
      const events: SentryEvent[] = [];
      for (const envelope of envelopes) {
        const lines = envelope.split('\n').slice(3);
        for (let n = 0; n + 1 < lines.length; n += 2) {
          const header = JSON.parse(lines[n] ?? '{}') as { type?: string };
          if (header.type === 'event') events.push(JSON.parse(lines[n + 1] ?? '{}') as SentryEvent);
        }
      }
      return events;
    },
    clear: () => {
      envelopes.length = 0;
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
};
