import 'fake-indexeddb/auto';
import * as Sentry from '@sentry/react';
import { createConnection } from 'statesocket';
import { reportToSentry } from 'statesocket/sentry';
import { createFakeServer } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';
import { createSentryReceiver } from '../support/sentry-receiver.ts';

it('what goes wrong while the browser is offline waits in the SDK’s offline transport, with the breadcrumbs of then', async () => {
  const receiver = await createSentryReceiver();
  let isOnline = false;
  const whileOnline: typeof fetch = (...request) =>
    isOnline ? fetch(...request) : Promise.reject(new TypeError('Failed to fetch'));
  Sentry.init({
    dsn: receiver.dsn,
    transport: Sentry.makeBrowserOfflineTransport((options) =>
      Sentry.makeFetchTransport(options, whileOnline),
    ),
  });
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/',
    WebSocket: server.WebSocket,
    maxRetries: 0,
  });
  const stop = reportToSentry(connection, Sentry);
  connection.connect({ userId: 'ada' });
  server.refuses();
  expect(connection.status).toBe('failed');
  await Sentry.flush(2_000);
  expect(receiver.events()).toEqual([]);

  isOnline = true;
  connection.retry();
  server.accepts();
  window.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(receiver.events()).toHaveLength(2), { timeout: 15_000 });
  for (const event of receiver.events()) {
    expect(event).toMatchObject({ tags: { component: 'WebSocket' }, extra: { userId: 'ada' } });
    const messages = event.breadcrumbs?.map(({ message }) => message);
    expect(messages).toContain('idle → connecting');
    expect(messages).not.toContain('connecting → open');
  }
  stop();
  connection.dispose();
  await Sentry.close();
  await receiver.close();
}, 30_000);
