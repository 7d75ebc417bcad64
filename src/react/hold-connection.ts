import type { ProvidedConnection } from './register.ts';

const holders = new WeakMap<ProvidedConnection, number>();

const count = (connection: ProvidedConnection, by: 1 | -1): number => {
  const next = (holders.get(connection) ?? 0) + by;
  holders.set(connection, next);
  return next;
};

/**
 * Holds a connection for a mounted provider. After the last release it is disconnected, in a microtask: a remount
 * within the same commit, as StrictMode's, holds it again before that and the socket stays.
 */
export const holdConnection = (connection: ProvidedConnection): (() => void) => {
  count(connection, 1);
  return () => {
    if (count(connection, -1) > 0) return;
    queueMicrotask(() => {
      if (holders.get(connection) === 0) connection.disconnect();
    });
  };
};
