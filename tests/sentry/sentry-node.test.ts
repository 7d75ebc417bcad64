import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import * as Sentry from '@sentry/node';
import {
  type ConnectionOptions,
  createConnection,
  flightRecorder,
  type StatesocketError,
  type WireMessage,
} from 'statesocket';
import { reportToSentry } from 'statesocket/sentry';
import { createVirtualClock, replay } from 'statesocket/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSentryReceiver, type SentryEvent } from '../support/sentry-receiver.ts';

/** Made at run time: Sentry sends lines of the source around a frame. */
const TOKEN = randomBytes(16).toString('hex');

let receiver: Awaited<ReturnType<typeof createSentryReceiver>>;
let server: WebSocketServer;
let port: number;
const cleanUps: (() => void)[] = [];

beforeAll(async () => {
  receiver = await createSentryReceiver();
  Sentry.init({ dsn: receiver.dsn, environment: 'test' });
});
afterAll(async () => {
  await Sentry.close();
  await receiver.close();
});
beforeEach(async () => {
  receiver.clear();
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((listening) => server.once('listening', listening));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  for (const client of server.clients) client.terminate();
  await new Promise((closed) => server.close(closed));
});

const setUp = (options: Partial<ConnectionOptions<WireMessage>> = {}) => {
  const connection = createConnection({
    url: ({ token }) => `ws://127.0.0.1:${port}/connect/${token}/`,
    getToken: () => TOKEN,
    WebSocket,
    backoff: () => 60_000,
    recorder: flightRecorder(),
    ...options,
  });
  const errors: StatesocketError[] = [];
  connection.onError((error) => errors.push(error));
  const stop = reportToSentry(connection, Sentry);
  cleanUps.push(() => connection.dispose());
  return { connection, errors, stop, codes: () => errors.map((error) => error.code) };
};

const ordinalOf = (event: SentryEvent): number =>
  Number(/ #(\d+)\]$/.exec(event.exception?.values[0]?.value ?? '')?.[1]);
/** In the order in which they were reported: each event is an HTTP request of its own, and these overtake each other. */
const events = async (): Promise<SentryEvent[]> => {
  await Sentry.flush(2_000);
  return receiver.events().sort((a, b) => ordinalOf(a) - ordinalOf(b));
};
const values = (found: SentryEvent[]) => found.map((event) => event.exception?.values[0]?.value ?? '');
/** `token-failed` of `… [token-failed #3]`. */
const codesOf = (found: SentryEvent[]) => values(found).map((value) => /\[(\S+) #\d+\]$/.exec(value)?.[1]);

describe('a real Sentry SDK in Node', () => {
  it('gets each socket error once, with tag and user, and no byte of the token (I13)', async () => {
    await new Promise((closed) => server.close(closed));
    const { connection, codes } = setUp();
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    const found = await events();
    expect(codes()).toEqual(['socket-error']);
    expect(codesOf(found)).toEqual(['socket-error']);
    expect(found[0]).toMatchObject({ tags: { component: 'WebSocket' }, extra: { userId: 'ada' } });
    expect(found[0]?.exception?.values).toHaveLength(1);
    expect(found[0]?.exception?.values[0]?.type).toBe('StatesocketError');
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets two equal errors in a row as two events, although its Dedupe integration is on', async () => {
    await new Promise((closed) => server.close(closed));
    const { connection } = setUp();
    expect(Sentry.getClient()?.getIntegrationByName('Dedupe')).toBeDefined();
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    connection.retry();
    await vi.waitFor(() => expect(connection.status).toBe('connecting'));
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    expect(codesOf(await events())).toEqual(['socket-error', 'socket-error']);
  });

  it('gets a refused token as one failed connection', async () => {
    server.on('connection', (socket) => socket.close(4401, `refused ${TOKEN}`));
    const { connection } = setUp();
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('failed'));
    const found = await events();
    expect(codesOf(found)).toEqual(['connection-failed']);
    expect(values(found)[0]).toContain('rejected');
    expect(found[0]).toMatchObject({ tags: { component: 'WebSocket' }, extra: { userId: 'ada' } });
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets what the app’s own functions did wrong, without what they said (I13)', async () => {
    const says = (what: string) => () => {
      throw new Error(`${what} of ${TOKEN}`);
    };
    const token = setUp({ getToken: says('a getToken') });
    token.connection.connect({ userId: 'ada' });
    const url = setUp({ url: says('a url') });
    url.connection.connect({ userId: 'ada' });
    const impossible = setUp({ url: ({ token }) => `no url at all ${token}` });
    impossible.connection.connect({ userId: 'ada' });
    expect(codesOf(await events()).sort()).toEqual([
      'connection-failed',
      'socket-impossible',
      'token-failed',
      'url-failed',
    ]);
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets bad frames and throwing listeners without their payload, and the stack of the throw', async () => {
    const secret = randomBytes(8).toString('hex');
    server.on('connection', (socket) => {
      socket.send(`not JSON: ${secret} ${TOKEN}`);
      socket.send(JSON.stringify({ type: 'CHAT', text: `${secret} ${TOKEN}` }));
    });
    const { connection, codes } = setUp();
    const throwingListener = ({ text }: WireMessage) => {
      throw new Error(`cannot show\n    at ${text}`);
    };
    connection.on('CHAT', throwingListener);
    connection.connect({ userId: 7 });
    await vi.waitFor(() => expect(codes()).toEqual(['malformed-frame', 'listener-failed']));
    const found = await events();
    expect(codesOf(found)).toEqual(['malformed-frame', 'listener-failed']);
    expect(found.map((event) => event.extra)).toEqual([{ userId: '7' }, { userId: '7' }]);
    const frames = found[1]?.exception?.values[0]?.stacktrace?.frames.map((frame) => frame.function);
    expect(frames?.at(-1)).toContain('throwingListener');
    expect(receiver.everything()).not.toContain(secret);
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets one issue for all retries of one cause, another for another, and says how many events were left out', async () => {
    await new Promise((closed) => server.close(closed));
    const clock = createVirtualClock();
    const { connection, stop } = setUp();
    stop();
    reportToSentry(connection, Sentry, { maxPerMinute: 2, clock });
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    for (let retry = 0; retry < 4; retry += 1) {
      clock.passes(retry === 3 ? 60_000 : 0);
      connection.retry();
      await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    }
    const found = await events();
    expect(codesOf(found)).toEqual(['socket-error', 'socket-error', 'socket-error']);
    expect(new Set(found.map(({ fingerprint }) => fingerprint?.join(' ')))).toEqual(
      new Set(['statesocket socket-error']),
    );
    expect(found.map(({ contexts }) => contexts?.statesocket?.leftOutCount)).toEqual([0, 0, 2]);
  });

  it('gets why a connection failed in its fingerprint, the way there as breadcrumbs, and the recording, which replays', async () => {
    server.on('connection', (socket) => socket.close(4403, `refused ${TOKEN}`));
    const { connection } = setUp();
    connection.connect({ userId: 'ada-lovelace' });
    await vi.waitFor(() => expect(connection.status).toBe('failed'));
    const [event] = await events();
    expect(event?.fingerprint).toEqual(['statesocket', 'connection-failed', 'rejected', 'closed: reject']);
    const crumbs = event?.breadcrumbs?.filter(({ category }) => category === 'statesocket') ?? [];
    expect(crumbs.slice(-3).map(({ message }) => message)).toEqual([
      'idle → connecting',
      'connecting → open',
      'open → failed',
    ]);
    expect(crumbs.at(-1)?.data).toEqual({ retryCount: 0, cause: 'closed', code: 4403 });
    const recording = event?.contexts?.statesocket?.recording ?? '';
    expect(recording).toContain('4403');
    expect(recording).not.toContain('ada-lovelace');
    expect(replay(JSON.parse(recording))).toBeNull();
    expect(receiver.everything()).not.toContain(TOKEN);
  });

  it('gets no more of a recording than fits in an event', async () => {
    const { connection } = setUp({ getToken: () => new Promise(() => {}), connectTimeoutMs: 10 });
    connection.connect({ userId: 'ada' });
    for (let count = 0; count < 900; count += 1) connection.actor.send({ type: 'page.shown' });
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    expect(JSON.stringify(connection.recording()).length).toBeGreaterThan(8_000);
    const [event] = await events();
    const recording = event?.contexts?.statesocket?.recording ?? '';
    expect(recording.length).toBeLessThanOrEqual(8_000);
    expect(JSON.parse(recording).steps.length).toBe(128);
  });

  it('gets a connect timeout', async () => {
    const { connection } = setUp({ getToken: () => new Promise(() => {}), connectTimeoutMs: 10 });
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('backoff'));
    expect(codesOf(await events())).toEqual(['connect-timeout']);
  });

  it('gets a crash of the chart, once', async () => {
    const { connection } = setUp();
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('open'));
    const defect = {
      type: 'socket.closed',
      get code(): number {
        throw new Error('defect');
      },
    };
    connection.actor.send(defect as never);
    expect(connection.status).toBe('failed');
    expect(codesOf(await events())).toEqual(['chart-crashed']);
  });

  it('gets nothing of ordinary refusals', async () => {
    server.on('connection', (socket) => socket.send(JSON.stringify({ type: 'NOBODY_LISTENS' })));
    const { connection, codes } = setUp();
    connection.send({ type: 'CHAT' });
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(codes()).toContain('unknown-type'));
    connection.dispose();
    connection.retry();
    expect(codes()).toEqual(['not-connected', 'unknown-type', 'disposed']);
    expect(await events()).toEqual([]);
  });

  it('gets nothing after the reports were ended', async () => {
    server.on('connection', (socket) => socket.close(4401));
    const { connection, stop } = setUp();
    stop();
    connection.send({ type: 'CHAT' });
    connection.connect({ userId: 'ada' });
    await vi.waitFor(() => expect(connection.status).toBe('failed'));
    expect(await events()).toEqual([]);
  });
});
