import { configureStore, type Middleware } from '@reduxjs/toolkit';
import * as Sentry from '@sentry/react';
import { act, render } from '@testing-library/react';
import { StrictMode } from 'react';
import { Provider } from 'react-redux';
import { ToastContainer } from 'react-toastify';
import { createConnection, type StatesocketError } from 'statesocket';
import { ConnectionProvider, useConnectionSnapshot, useMessage } from 'statesocket/react';
import { connectionSlice, useReduxBridge } from 'statesocket/redux';
import { reportToSentry } from 'statesocket/sentry';
import { createFakeServer, FakeSocket } from 'statesocket/testing';
import { useToastBridge } from 'statesocket/toast';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSentryReceiver } from '../support/sentry-receiver.ts';

/** With characters that a URL escapes, so that both spellings have to be kept in. */
const CANARY = 'kestrel/4f2a b+c=';
const SPELLINGS = [CANARY, encodeURIComponent(CANARY), encodeURI(CANARY), 'kestrel'];

/** Every string within `depth` steps of a value, getters and non-enumerable properties (an error's message) included. */
const stringsIn = (value: unknown, depth: number, seen = new Set<unknown>()): string[] => {
  if (typeof value === 'string') return [value];
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value))
    return [];
  if (depth === 0) return [];
  seen.add(value);
  const strings: string[] = [];
  const members = value instanceof Map || value instanceof Set ? [...value] : [];
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'string') strings.push(name);
    const property = Reflect.getOwnPropertyDescriptor(value, name);
    members.push(property?.get === undefined ? property?.value : Reflect.get(value, name));
  }
  for (const member of members) strings.push(...stringsIn(member, depth - 1, seen));
  return strings;
};

/** Where the canary was heard, in words. */
const leaksIn = (places: Record<string, unknown>): string[] =>
  Object.entries(places).flatMap(([place, value]) =>
    stringsIn(value, 7)
      .filter((text) => SPELLINGS.some((spelling) => text.includes(spelling)))
      .map((text) => `${place}: ${text.slice(0, 200)}`),
  );

let receiver: Awaited<ReturnType<typeof createSentryReceiver>>;
beforeAll(async () => {
  receiver = await createSentryReceiver();
  Sentry.init({ dsn: receiver.dsn });
});
afterAll(async () => {
  await Sentry.close();
  await receiver.close();
});

/** A whole app on a connection whose token is the canary; everything it shows, stores and says is collected. */
const setUpApp = (refusesToConstruct: () => boolean) => {
  const written: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...words) => void written.push(words));
  }
  const server = createFakeServer();
  const inspected: unknown[] = [];
  const errors: StatesocketError[] = [];
  let fails: 'token' | 'url' | null = null;
  const connection = createConnection({
    getToken: () => {
      if (fails === 'token') throw new Error(`no such token: ${CANARY}`);
      return CANARY;
    },
    url: ({ token }) => {
      if (fails === 'url') throw new TypeError(`bad url with ${token}`);
      return `wss://redngift.test/connect/${encodeURIComponent(token ?? '')}/`;
    },
    WebSocket: class extends server.WebSocket {
      constructor(url: string) {
        if (refusesToConstruct()) throw new SyntaxError(`The URL '${url}' is invalid.`);
        super(url);
      }
    },
    backoff: () => 60_000,
    messages: v.objectWithRest({ type: v.literal('NEW_MESSAGE') }, v.string()),
    inspect: (event) => {
      // As an inspector would: what an event says, not the actor objects it points to.
      const { type, ...rest } = event as unknown as Record<string, unknown>;
      inspected.push({ type, event: rest.event, snapshot: rest.snapshot, action: rest.action });
    },
  });
  connection.onError((error) => errors.push(error));
  const stopReports = reportToSentry(connection, Sentry);

  const actions: unknown[] = [];
  const record: Middleware = () => (next) => (action) => {
    actions.push(action);
    return next(action);
  };
  const store = configureStore({
    reducer: { connection: connectionSlice.reducer },
    middleware: (defaults) => defaults().concat(record),
  });

  function Screen() {
    const snapshot = useConnectionSnapshot();
    useMessage('NEW_MESSAGE', () => {});
    useReduxBridge(connection, { NEW_MESSAGE: (messages) => ({ type: 'chat/added', payload: messages }) });
    useToastBridge(connection, {
      snapshot: ({ status, failure, lastEnd }) => ({
        id: 's',
        text: `${status} ${failure} ${lastEnd?.reason}`,
      }),
      errors: ({ code, message }) => ({ id: code, text: message }),
    });
    return <pre>{JSON.stringify(snapshot)}</pre>;
  }
  const screen = render(
    <StrictMode>
      <Provider store={store}>
        <ConnectionProvider connection={connection} userId="ada">
          <Screen />
          <ToastContainer />
        </ConnectionProvider>
      </Provider>
    </StrictMode>,
  );
  return {
    server,
    connection,
    errors,
    fail: (next: 'token' | 'url' | null) => {
      fails = next;
    },
    places: () => ({
      console: written,
      errors,
      actions,
      store: store.getState(),
      snapshot: connection.getSnapshot(),
      chart: connection.actor.getSnapshot(),
      persisted: connection.actor.getPersistedSnapshot(),
      inspected,
      connection,
      page: document.documentElement.outerHTML,
      toasts: document.querySelector('.Toastify')?.textContent,
    }),
    end: () => {
      screen.unmount();
      stopReports();
      connection.dispose();
      vi.restoreAllMocks();
    },
  };
};

describe('I13 the token is nowhere but in the URL of the socket', () => {
  it('through a life of opens, closes with hostile reasons, failures and errors', async () => {
    let refuses = false;
    const app = setUpApp(() => refuses);
    const { server, connection } = app;
    const step = (run: () => void) => act(async () => run());

    expect(server.latest.url).toContain(encodeURIComponent(CANARY));
    await step(() => server.accepts());
    await step(() => server.sends({ type: 'NEW_MESSAGE', id: 'm1' }));
    await step(() => server.sendsText(`{broken ${CANARY}`));
    // A server that repeats the token where errors quote the wire.
    await step(() =>
      server.sends({ type: 'NEW_MESSAGE', [CANARY]: 5 }, { type: `${'y'.repeat(55)}${CANARY}` }),
    );
    await step(() => server.latest.deliver.error());
    await step(() => server.closes(1011, `token ${CANARY} or ${encodeURIComponent(CANARY)} was strange`));
    app.fail('token');
    await step(() => connection.retry());
    app.fail('url');
    await step(() => connection.retry());
    app.fail(null);
    refuses = true;
    await step(() => connection.retry());
    expect(connection.getSnapshot().failure).toBe('misconfigured');
    refuses = false;
    await step(() => connection.retry());
    await step(() => server.accepts());
    await step(() => server.closes(4401, `refused ${CANARY}`));
    expect(connection.getSnapshot()).toMatchObject({ status: 'connecting', lastEnd: { code: 4401 } });
    await step(() => server.closes(4401, `refused ${CANARY}, though it was asked for afresh`));
    expect(connection.getSnapshot().failure).toBe('rejected');
    await Sentry.flush(2_000);

    const codes = app.errors.map((error) => error.code);
    expect(codes).toEqual([
      'malformed-frame',
      'invalid-message',
      'unknown-type',
      'socket-error',
      'token-failed',
      'url-failed',
      'socket-impossible',
    ]);
    expect(document.body.textContent).toContain('rejected');
    expect(receiver.events().length).toBeGreaterThan(4);
    expect(leaksIn({ ...app.places(), sentry: receiver.everything() })).toEqual([]);
    app.end();
  });

  it('and the search above would find it', () => {
    const error = new Error('outer', { cause: new Error(`inner ${CANARY}`) });
    expect(leaksIn({ errors: [error] }).length).toBeGreaterThan(0);
    expect(leaksIn({ nested: { a: { b: new Map([['c', [encodeURIComponent(CANARY)]]]) } } })).toHaveLength(1);
    expect(leaksIn({ socket: new FakeSocket(`wss://x.test/${CANARY}`) })).toHaveLength(1);
  });
});
