import * as Sentry from '@sentry/react';
import { createConnection } from 'statesocket';
import { reportToSentry } from 'statesocket/sentry';
import { createFakeServer } from 'statesocket/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSentryReceiver } from '../support/sentry-receiver.ts';

const TOKEN = crypto.randomUUID();

let receiver: Awaited<ReturnType<typeof createSentryReceiver>>;
beforeAll(async () => {
  receiver = await createSentryReceiver();
  Sentry.init({ dsn: receiver.dsn });
});
afterAll(async () => {
  await Sentry.close();
  await receiver.close();
});

describe('the Sentry SDK of a React page', () => {
  it('gets each socket error and the failure once, with tag and user, and no byte of the token (I13)', async () => {
    const server = createFakeServer();
    const connection = createConnection({
      url: ({ token }) => `wss://redngift.test/connect/${token}/`,
      getToken: () => TOKEN,
      WebSocket: server.WebSocket,
      backoff: () => 60_000,
      maxRetries: 1,
    });
    reportToSentry(connection, Sentry);
    connection.connect({ userId: 'ada' });
    server.refuses();
    connection.retry();
    server.refuses();
    connection.retry();
    server.accepts();
    server.closes(4401, `refused ${TOKEN}`);
    server.closes(4401, `refused ${TOKEN} again`);
    await Sentry.flush(2_000);
    const events = receiver.events();
    expect(events.map((event) => event.exception?.values[0]?.value.replace(/#\d+/, '#n'))).toEqual([
      'The WebSocket reported an error. Its close follows and decides. [socket-error #n]',
      'The WebSocket reported an error. Its close follows and decides. [socket-error #n]',
      'The connection has failed: rejected. [connection-failed #n]',
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ tags: { component: 'WebSocket' }, extra: { userId: 'ada' } });
    }
    expect(receiver.everything()).not.toContain(TOKEN);
    connection.dispose();
  });
});
