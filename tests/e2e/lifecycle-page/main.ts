/** One connection, and everything a test wants to know of it written into the page. */
import { createConnection } from 'statesocket';

const write = (id: string, text: string): void => {
  const output = document.getElementById(id);
  if (output !== null) output.textContent = text;
};

const query = new URLSearchParams(location.search);

if (query.has('deaf')) {
  // As behind a VPN: the platform does not know that the network is gone.
  addEventListener('offline', (event) => event.stopImmediatePropagation());
}

const sockets: WebSocket[] = [];
let mostSockets = 0;

/** Counts, at each dial, the sockets that nobody has closed. */
class CountedWebSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    sockets.push(this);
    const live = sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING);
    mostSockets = Math.max(mostSockets, live.length);
    write('most-sockets', String(mostSockets));
  }
}

let pingCount = 0;
const connection = createConnection({
  // Straight to the server of the page, or by a way that a test has put in between.
  url: `ws://${location.hostname}:${query.get('port') ?? location.port}/connect/a-token/`,
  WebSocket: CountedWebSocket,
  // A long wait, so that only a signal explains a quick return.
  backoff: () => 60_000,
  stableAfterMs: 300,
  heartbeat: {
    intervalMs: 1_000,
    timeoutMs: 1_000,
    ping: () => {
      pingCount += 1;
      write('pings', String(pingCount));
      return JSON.stringify({ type: 'PING' });
    },
  },
});

const show = (): void => {
  const { status, retryCount, lastEnd } = connection.getSnapshot();
  write('status', status);
  write('retries', String(retryCount));
  write('last-end', String(lastEnd?.cause));
};
connection.subscribe(show);
connection.actor.subscribe(({ value }) => write('state', JSON.stringify(value)));
show();

const events: string[] = [];
const note = (event: string): void => {
  events.push(event);
  write('events', events.join(' '));
};
addEventListener('pageshow', ({ persisted }) => note(persisted ? 'pageshow:cached' : 'pageshow'));
addEventListener('pagehide', ({ persisted }) => note(persisted ? 'pagehide:cached' : 'pagehide'));
document.addEventListener('visibilitychange', () => note(document.visibilityState));
document.addEventListener('freeze', () => note('freeze'));
document.addEventListener('resume', () => note('resume'));

connection.connect({ userId: 'ada' });
