import type { Unsubscribe } from '../lib/listener-list.ts';
import type { Connection, ConnectionSnapshot } from './connection.ts';

/** Calls with each new snapshot of a connection, and with the one that was seen before it. */
export const subscribeToChanges = (
  connection: Pick<Connection, 'getSnapshot' | 'subscribe'>,
  changed: (next: ConnectionSnapshot, before: ConnectionSnapshot) => void,
): Unsubscribe => {
  let seen = connection.getSnapshot();
  return connection.subscribe(() => {
    const before = seen;
    seen = connection.getSnapshot();
    changed(seen, before);
  });
};
