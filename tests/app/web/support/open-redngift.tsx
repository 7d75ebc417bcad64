import { act, cleanup, configure, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { toast } from 'react-toastify';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, vi } from 'vitest';
import { createFakeApi, TOKEN } from './fake-api.ts';

interface Visit {
  readonly path?: string;
  /** The token that an earlier visit left in the browser. @default Ada's */
  readonly token?: string | null;
  /** Sets up what the server answers, before the page asks. */
  readonly arrange?: (api: ReturnType<typeof createFakeApi>) => void;
}

let closeLast: (() => void) | null = null;

// Room for a busy machine; nothing is asserted about speed.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 60_000 });

afterEach(async () => {
  // The page goes before the connection that it uses, and lets go of it in a microtask.
  cleanup();
  await Promise.resolve();
  closeLast?.();
  closeLast = null;
  toast.dismiss();
  localStorage.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/**
 * The browser's side of RednGift with fresh modules, since its connection is a singleton: the socket and the API are
 * fakes, all else is real.
 */
export const freshModules = async ({ token = TOKEN, arrange }: Visit = {}) => {
  const server = createFakeServer();
  const api = createFakeApi();
  arrange?.(api);
  vi.resetModules();
  vi.stubGlobal('WebSocket', server.WebSocket);
  vi.stubGlobal('fetch', api.fetch);
  if (token !== null) localStorage.setItem('accessToken', token);
  const { WebSocketClient } = await import(
    '../../../../app/web/src/services/handlers/websocket/WebSocketClient.ts'
  );
  closeLast = () => WebSocketClient.getInstance().connection.dispose();
  return { server, api, WebSocketClient };
};

/** Opens the page at a path, in StrictMode as in production. */
export const openRedNgift = async (visit: Visit = {}) => {
  const { server, api, WebSocketClient } = await freshModules(visit);
  const [{ App }, { createStore }] = await Promise.all([
    import('../../../../app/web/src/app.tsx'),
    import('../../../../app/web/src/store/store.ts'),
  ]);
  history.replaceState(null, '', visit.path ?? '/');
  const store = createStore();
  const { connection } = WebSocketClient.getInstance();
  render(
    <StrictMode>
      <App store={store} />
    </StrictMode>,
  );
  await act(async () => {});
  return {
    server,
    api,
    store,
    connection,
    /** The socket opens, and what the page then does is done. */
    opens: () => act(async () => server.accepts()),
    sends: (...messages: unknown[]) => act(async () => server.sends(...messages)),
    loses: () => act(async () => server.closes(1006)),
  };
};

/** Opens the page and its socket. */
export const openConnected = async (visit: Visit = {}) => {
  const page = await openRedNgift(visit);
  await page.opens();
  return page;
};

export const messagesList = (): HTMLElement => screen.getByRole('list', { name: 'Messages' });
export const messageBox = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message' });
