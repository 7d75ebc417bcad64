/** A page on the packed package, run by `check-peers.mjs` with one set of peers after the other: everything that touches a peer, once. */
import { configureStore, createSlice } from '@reduxjs/toolkit';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<main></main><aside></aside>', {
  pretendToBeVisual: true,
  url: 'https://app.test/',
});
for (const name of [
  'window',
  'document',
  'navigator',
  'HTMLElement',
  'Element',
  'Node',
  'getComputedStyle',
  'requestAnimationFrame',
  'cancelAnimationFrame',
])
  Object.defineProperty(globalThis, name, {
    configurable: true,
    value:
      typeof window[name] === 'function' && /^[a-z]/.test(name) ? window[name].bind(window) : window[name],
  });

const { createElement: h, StrictMode, Suspense, lazy, version } = await import('react');
const { createRoot, hydrateRoot } = await import('react-dom/client');
const { renderToString } = await import('react-dom/server');
const { Provider, useSelector } = await import('react-redux');
const { ToastContainer } = await import('react-toastify');
const { createConnection } = await import('statesocket');
const { durableDelivery } = await import('statesocket/delivery');
const react = await import('statesocket/react');
const { connectionSlice, useReduxBridge } = await import('statesocket/redux');
const { createFakeServer } = await import('statesocket/testing');
const { useToastBridge } = await import('statesocket/toast');

const faults = [];
console.error = (...said) => void faults.push(said.join(' '));

const until = async (what, holds) => {
  for (let n = 0; n < 200; n += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not happen. The page says: ${document.body.textContent}`);
};

const chat = createSlice({
  name: 'chat',
  initialState: [],
  reducers: { added: (texts, { payload }) => [...texts, ...payload] },
});
const store = configureStore({
  reducer: { chat: chat.reducer, [connectionSlice.name]: connectionSlice.reducer },
});
const server = createFakeServer();
const connection = createConnection({
  url: 'wss://app.test/',
  WebSocket: server.WebSocket,
  delivery: durableDelivery({ durable: ({ type }) => type === 'SAY' }),
});

const heard = [];
const Page = () => {
  const send = react.useSend();
  react.useMessage('CHAT', ({ text }) => heard.push(text));
  useReduxBridge(connection, { CHAT: (messages) => chat.actions.added(messages.map(({ text }) => text)) });
  useToastBridge(connection, {
    messages: { CHAT: { id: () => 'chat', text: ({ text }) => `Toast: ${text}` } },
  });
  const parts = [
    react.useConnectionStatus(),
    react.useConnectionSnapshot().retryCount,
    react.useDelivery().status,
    react.useOutbox().length,
    useSelector((state) => state.chat.join('+')),
    typeof send,
  ];
  return h('p', null, parts.join(' '));
};
const Late = lazy(async () => ({ default: () => h('b', null, react.useConnectionStatus()) }));
const page = h(
  StrictMode,
  null,
  h(Provider, { store }, h(react.ConnectionProvider, { connection, userId: 'ada' }, h(Page))),
);

const container = document.querySelector('main');
container.innerHTML = renderToString(page);
const html = container.querySelector('p');
connection.connect({ userId: 'ada' });
server.accepts();
hydrateRoot(container, page, { onRecoverableError: (error) => faults.push(String(error)) });
createRoot(document.querySelector('aside')).render([
  h(ToastContainer, { key: 'toasts' }),
  h(
    react.ConnectionProvider,
    { key: 'late', connection, userId: 'ada' },
    h(Suspense, { fallback: null }, h(Late)),
  ),
]);
const says = (text) => () => document.body.textContent.includes(text);
await until('taking over the HTML', says('open 0 negotiating 0  function'));
await until('a part that is loaded late', () => document.querySelector('b')?.textContent === 'open');
server.sends({ type: 'CHAT', text: 'hello' });
await until('the message in the store', says('open 0 plain 0 hello function'));
await until('the toast', says('Toast: hello'));
if (container.querySelector('p') !== html) throw new Error('React made the page again.');
if (server.sockets.length !== 1) throw new Error(`${server.sockets.length} sockets were made.`);
if (heard.join() !== 'hello') throw new Error(`heard ${heard.join()}`);
if (store.getState().connection.status !== 'open') throw new Error('The slice does not follow.');
// React 18 warns of layout effects that peers have while there is a window during renderToString, which no server has.
const ours = faults.filter((fault) => !/defaultProps|useLayoutEffect does nothing/.test(fault));
if (ours.length > 0) throw new Error(ours.join('\n'));
console.log(`well, with React ${version}`);
process.exit(0);
