import { act, cleanup, configure, render, screen, within } from '@testing-library/react';
import { IDBFactory } from 'fake-indexeddb';
import { StrictMode } from 'react';
import { toast } from 'react-toastify';
import type { WireMessage } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, vi } from 'vitest';
import { createFakeApi, TOKEN } from './fake-api.ts';

interface Visit {
  readonly path?: string;
  /** The token that an earlier visit left in the browser. @default Ada's */
  readonly token?: string | null;
  /** Sets up what the server answers, before the page asks. */
  readonly arrange?: (api: ReturnType<typeof createFakeApi>) => void;
  /** A window that keeps nothing. @default false */
  readonly isPrivate?: boolean;
}

let closeLast: (() => void) | null = null;
/** The browser's, until the test is over: a page that is opened again finds what the last one left. */
let database = new IDBFactory();

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
  database = new IDBFactory();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/**
 * The browser's side of RednGift with fresh modules, since its connection is a singleton: the socket and the API are
 * fakes, all else is real.
 */
export const freshModules = async ({ token = TOKEN, arrange, isPrivate = false }: Visit = {}) => {
  const server = createFakeServer();
  const api = createFakeApi();
  arrange?.(api);
  vi.resetModules();
  vi.stubGlobal('WebSocket', server.WebSocket);
  vi.stubGlobal('fetch', api.fetch);
  vi.stubGlobal('indexedDB', isPrivate ? undefined : database);
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
    /** The socket opens, the log is resumed, and what the page then does is done. */
    opens: () =>
      act(async () => {
        server.accepts();
        server.welcomes();
        server.resumes();
      }),
    /** The server confirms the commands that have come so far, but for those it rejects with a code. */
    receipts: (...rejected: { n: number; code: string }[]) =>
      act(async () => {
        const { clientId, n } = server.received.filter(isNamed).at(-1) ?? {};
        server.sends({ type: 'RECEIPT', clientId, n, rejected });
      }),
    /** The server says these: what is durable goes by its log, which gives it its id. */
    sends: (...messages: WireMessage[]) =>
      act(async () => {
        for (const message of messages) {
          if (DURABLE.has(message.type)) server.publishes(message);
          else server.sends(message);
        }
      }),
    /** The tab is gone, and its page with it. */
    async leaves() {
      cleanup();
      connection.dispose();
      await act(async () => {});
    },
    loses: () => act(async () => server.closes(1006)),
  };
};

const DURABLE = new Set(['NEW_MESSAGE', 'GROUP_UPDATED', 'INVITATION_RECEIVED', 'RAFFLE_COMPLETE']);

const isNamed = (frame: unknown): frame is { clientId: string; n: number } =>
  typeof (frame as { clientId?: unknown }).clientId === 'string';

/** Opens the page and its socket. */
export const openConnected = async (visit: Visit = {}) => {
  const page = await openRedNgift(visit);
  await page.opens();
  return page;
};

export const messagesList = (): HTMLElement => screen.getByRole('list', { name: 'Messages' });
export const messageBox = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message' });
export const bubbles = (): HTMLElement[] => within(messagesList()).queryAllByRole('listitem');
export const bubbleTexts = (): (string | null)[] =>
  bubbles().map((bubble) => bubble.querySelector('.bubble-text')?.textContent ?? null);
