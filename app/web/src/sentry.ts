import { reportToSentry } from 'statesocket/sentry';
import { WebSocketClient } from './services/handlers/websocket/WebSocketClient.ts';

/** Where errors go: VITE_SENTRY_DSN at build time, else `<meta name="sentry-dsn">` of the page; null: nowhere. */
const findDsn = (): string | null => {
  const built: unknown = import.meta.env.VITE_SENTRY_DSN;
  const named = document.querySelector<HTMLMetaElement>('meta[name="sentry-dsn"]')?.content;
  return [built, named].find((dsn): dsn is string => typeof dsn === 'string' && dsn !== '') ?? null;
};

/** Starts Sentry and reports the connection's errors to it. Without a DSN nothing of Sentry is even loaded. */
export const startSentry = async (): Promise<void> => {
  const dsn = findDsn();
  if (dsn === null) return;
  // Named one by one, so that the rest of the SDK is left out of the bundle.
  const { addBreadcrumb, captureException, init, makeBrowserOfflineTransport, makeFetchTransport } =
    await import('@sentry/react');
  // What goes wrong while the browser is offline waits in IndexedDB.
  init({ dsn, transport: makeBrowserOfflineTransport(makeFetchTransport) });
  reportToSentry(WebSocketClient.getInstance().connection, { addBreadcrumb, captureException });
};
