/** One connection with its outbox in IndexedDB, and everything a test wants to know of it written into the page. */

import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';

const write = (id: string, text: string): void => {
  const output = document.getElementById(id);
  if (output !== null) output.textContent = text;
};

if (location.search === '?private') {
  // As browsers did in private windows: the database is there and cannot be opened.
  IDBFactory.prototype.open = () => {
    throw new DOMException('A mutation operation was attempted on a database.', 'InvalidStateError');
  };
}

const connection = createConnection({
  url: `ws://${location.host}/connect/a-token/`,
  backoff: () => 200,
  maxRetries: 1_000,
  delivery: durableDelivery({ durable: ({ type }) => type === 'SAY', storage: 'indexedDB' }),
});

const errors: string[] = [];
connection.onError(({ code }) => {
  // The server is down a lot.
  if (code === 'socket-error') return;
  errors.push(code);
  write('errors', errors.join(' '));
});
const showEntries = (): void => {
  const entries = connection.outbox.entries.map(({ message, state, code }) =>
    [String(message.text).slice(0, 20), state, code].filter((part) => part !== undefined).join(':'),
  );
  write('entries', entries.join(' '));
};
connection.outbox.subscribe(showEntries);
connection.subscribe(() => write('status', connection.status));
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) write('cached', 'yes');
});

declare global {
  /** What a test calls: sends durable messages with these texts. */
  var says: (...texts: string[]) => void;
  /** What a test calls: the person goes, without a logout. */
  var leaves: () => void;
  /** What a test calls: the person is back. */
  var returns: () => void;
}
globalThis.says = (...texts) => {
  for (const text of texts) connection.send({ type: 'SAY', text });
};
globalThis.leaves = connection.disconnect;
globalThis.returns = () => connection.connect({ userId: 'ada' });

globalThis.returns();
