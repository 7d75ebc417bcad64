/** One connection whose errors go to Sentry, by the real SDK. The test puts the DSN and the token into localStorage. */
import {
  addBreadcrumb,
  captureException,
  init,
  makeBrowserOfflineTransport,
  makeFetchTransport,
  withScope,
} from '@sentry/react';
import { createConnection, flightRecorder } from 'statesocket';
import { reportToSentry } from 'statesocket/sentry';

init({
  dsn: localStorage.getItem('dsn') ?? '',
  transport: makeBrowserOfflineTransport(makeFetchTransport),
});

const connection = createConnection({
  recorder: flightRecorder(),
  url: ({ token }) => `ws://${location.host}/connect/${token}/`,
  getToken: () => localStorage.getItem('accessToken'),
  // Only a person, or the network that is back, dials again.
  backoff: () => 600_000,
});
reportToSentry(connection, { addBreadcrumb, captureException, withScope });

const status = document.getElementById('status');
connection.subscribe(() => {
  if (status !== null) status.textContent = connection.status;
});

declare global {
  /** What a test calls. */
  var connects: () => void;
  var retries: () => void;
  var disconnects: () => void;
}
globalThis.connects = () => connection.connect({ userId: 'ada-lovelace' });
globalThis.retries = () => connection.retry();
globalThis.disconnects = () => connection.disconnect();
