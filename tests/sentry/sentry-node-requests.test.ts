import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import * as Sentry from '@sentry/node';
import { createConnection } from 'statesocket';
import { expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSentryReceiver } from '../support/sentry-receiver.ts';

it('ignoreOutgoingRequests keeps the handshake, and so the token, out of the app’s other events in Node', async () => {
  const token = randomBytes(16).toString('hex');
  const receiver = await createSentryReceiver();
  Sentry.init({
    dsn: receiver.dsn,
    tracesSampleRate: 1,
    integrations: [Sentry.httpIntegration({ ignoreOutgoingRequests: (url) => url.includes('/connect/') })],
  });
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const connection = createConnection({ url: `ws://127.0.0.1:${port}/connect/${token}/`, WebSocket });
  await Sentry.startSpan({ name: 'page' }, async () => {
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('open'));
  });
  Sentry.captureException(new Error('of the app itself'));
  await Sentry.flush(2_000);
  expect(receiver.everything()).toContain('of the app itself');
  expect(receiver.everything()).not.toContain(token);

  connection.dispose();
  await Sentry.close();
  server.close();
  await receiver.close();
});
