/** A WebSocket that opens at once. */
const SOCKET = `
class Socket extends EventTarget {
  readyState = 0; bufferedAmount = 0; binaryType = 'blob'; protocol = ''; extensions = ''; url = '';
  constructor() {
    super();
    queueMicrotask(() => { this.readyState = 1; this.onopen?.(new Event('open')); this.dispatchEvent(new Event('open')); });
  }
  send() {}
  close() {}
}
`;

const NO_TOKEN =
  'getToken returned null: nobody is signed in, so nothing was dialled, and the connection is idle until connect().';

/** Small apps for `npm run check:bundlers`: what each prints, with every bundler, or by bundler; and without a chunk of its own. */
export const BUNDLED_APPS = [
  {
    name: 'the core',
    code: `
import { createConnection, exponentialBackoff } from 'statesocket';
import { CONNECTION_STATUSES } from 'statesocket/machines';
import { CloseCode } from 'statesocket/protocol';
${SOCKET}
const connection = createConnection({ url: 'wss://example.org', WebSocket: Socket, backoff: exponentialBackoff() });
connection.connect({ userId: 'ada' });
setTimeout(() => { console.log(connection.status, CONNECTION_STATUSES.length, CloseCode.Normal); connection.dispose(); }, 50);`,
    prints: 'open 6 1000',
  },
  {
    name: 'the core with delivery',
    code: `
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
${SOCKET}
const delivery = durableDelivery({ durable: ({ type }) => type === 'SAY', server: 'statesocket' });
const connection = createConnection({ url: 'wss://example.org', WebSocket: Socket, delivery });
connection.connect({ userId: 'ada' });
const [sent, entries] = [connection.send({ type: 'SAY' }), connection.outbox.entries.length];
setTimeout(() => { console.log(connection.status, sent, entries); process.exit(); }, 50);`,
    prints: 'open queued 1',
  },
  {
    // IndexedDB is a chunk that comes when it is used; Node has none, which is reported, and memory is used.
    name: 'the core with delivery in IndexedDB',
    code: `
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
${SOCKET}
const delivery = durableDelivery({ durable: () => true, storage: 'indexedDB' });
const connection = createConnection({ url: 'wss://example.org', WebSocket: Socket, delivery });
const codes = [];
connection.onError(({ code }) => codes.push(code));
connection.connect({ userId: 'ada' });
connection.send({ type: 'SAY' });
setTimeout(() => { console.log(codes.join(), connection.outbox.entries.length); process.exit(); }, 200);`,
    prints: 'storage-failed 1',
    chunkHas: 'transaction',
    printsWithoutChunk: 'storage-failed 1',
  },
  {
    name: 'a mistake and its cure',
    code: `
import { createConnection } from 'statesocket';
const connection = createConnection({ url: 'wss://example.org', getToken: () => null });
const errors = [];
connection.onError((error) => errors.push(error));
connection.connect({ userId: 'ada' });
setTimeout(() => { console.log(errors.map(({ message }) => message).join()); process.exit(); }, 200);`,
    prints: `${NO_TOKEN} Call connect() when there is a token. Where one could not be had, throw: that is retried.`,
    chunkHas: 'It knows ',
    printsWithoutChunk: NO_TOKEN,
  },
  {
    name: 'what only a development build says',
    code: `
import { createConnection } from 'statesocket';
try {
  createConnection({ url: 'wss://example.org', backoff: 3 });
} catch ({ code, message }) {
  console.log(code, message.includes('development build') ? 'lean' : 'full');
}`,
    // Vite, webpack and Rollup resolve by the condition production; esbuild takes what everybody else gets.
    prints: 'bad-option lean',
    printsBy: { esbuild: 'bad-option full' },
  },
  {
    name: 'a backoff alone',
    code: `
import { exponentialBackoff } from 'statesocket';
console.log(exponentialBackoff({ jitter: 'none' })(1, Math.random));`,
    prints: '900',
    mostBytes: 1_000,
  },
  {
    name: 'reports to Sentry, and a recording',
    code: `
import { createConnection, flightRecorder, readRecording } from 'statesocket';
import { reportToSentry } from 'statesocket/sentry';
const sentry = { captureException() {}, addBreadcrumb() {}, withScope() {} };
const connection = createConnection({ url: 'wss://example.org', recorder: flightRecorder() });
reportToSentry(connection, sentry);
console.log(readRecording(connection.recording()).length);`,
    prints: '0',
  },
  {
    name: 'the testing tools',
    code: `
import { createScenario } from 'statesocket/testing';
const { connection, server } = createScenario();
connection.connect({ userId: 'ada' });
server.accepts();
console.log(connection.status);
connection.dispose();`,
    prints: 'open',
  },
  {
    name: 'the provider and hooks for React',
    peers: ['react@19', 'react-dom@19', '@xstate/react@6'],
    code: `
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createConnection } from 'statesocket';
import { ConnectionProvider, useConnectionStatus } from 'statesocket/react';
const connection = createConnection({ url: 'wss://example.org' });
const Status = () => createElement('p', null, useConnectionStatus());
console.log(renderToString(createElement(ConnectionProvider, { connection, userId: 'ada' }, createElement(Status))));`,
    prints: '<p>idle</p>',
  },
  {
    name: 'the inspector, without @statelyai/inspect',
    peers: ['react@19', 'react-dom@19'],
    code: `
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createConnection, flightRecorder } from 'statesocket';
import { ConnectionInspector, createFlightRecorder } from 'statesocket/inspect';
const connection = createConnection({ url: 'wss://example.org', recorder: flightRecorder() });
const html = renderToString(createElement(ConnectionInspector, { connection }));
console.log(html.includes('Connection inspector'), createFlightRecorder(connection).recording().steps.length);`,
    prints: 'true 0',
  },
  {
    name: "Stately's inspector",
    peers: ['@statelyai/inspect@0.7'],
    code: `
import { createConnection } from 'statesocket';
import { inspectConnection } from 'statesocket/stately';
const connection = createConnection({ url: 'wss://example.org' });
const told = [];
const inspection = inspectConnection(connection, { send: (message) => told.push(message.type) });
setTimeout(() => { console.log(told[0]); inspection.stop(); connection.dispose(); process.exit(); }, 500);`,
    prints: '@xstate.actor',
  },
  {
    name: 'the Redux bridge and its hook',
    peers: ['@reduxjs/toolkit@2', 'react@19', 'react-dom@19', 'react-redux@9'],
    code: `
import { configureStore } from '@reduxjs/toolkit';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { Provider } from 'react-redux';
import { createConnection } from 'statesocket';
import { bridgeToRedux, connectionSlice, useReduxBridge } from 'statesocket/redux';
const store = configureStore({ reducer: { [connectionSlice.name]: connectionSlice.reducer } });
const connection = createConnection({ url: 'wss://example.org' });
bridgeToRedux(connection, store.dispatch, {});
const Bridge = () => { useReduxBridge(connection, {}); return createElement('p', null, store.getState().connection.status); };
console.log(renderToString(createElement(Provider, { store }, createElement(Bridge))));`,
    prints: '<p>idle</p>',
  },
  {
    name: 'toasts',
    peers: ['react@19', 'react-dom@19', 'react-toastify@11'],
    code: `
import { createConnection } from 'statesocket';
import { bridgeToToasts } from 'statesocket/toast';
bridgeToToasts(createConnection({ url: 'wss://example.org' }), {})();
console.log('toasts');`,
    prints: 'toasts',
  },
  {
    name: 'the gateway, without libsql',
    isServer: true,
    peers: ['ws@8'],
    code: `
import { createServer } from 'node:http';
import { createGateway, memoryEngine } from 'statesocket/gateway';
const gateway = createGateway({
  server: createServer(), engine: memoryEngine(), authenticate: async () => null, allowedOrigins: [], handle() {},
});
console.log(typeof gateway.close);
process.exit();`,
    prints: 'function',
  },
];
