'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { ConnectionContext } from './connection-context.ts';
import { holdConnection } from './hold-connection.ts';
import type { ProvidedConnection } from './register.ts';

/** Props of {@link ConnectionProvider}. */
export interface ConnectionProviderProps {
  /** Made once, outside React, with `createConnection`. */
  readonly connection: ProvidedConnection;
  /** Who is signed in; null: nobody. */
  readonly userId: string | number | null;
  readonly children?: ReactNode;
}

/**
 * Connects for the signed-in user while it is mounted and hands the connection to the hooks below it.
 *
 * - A user: `connect`, in an effect. Another user: `connect` again, which drops the old socket first.
 * - The user goes away (`userId` becomes null while mounted): `logout`. Never on mount.
 * - The last provider of a connection unmounts: `disconnect`, unless one mounts again in the same commit. StrictMode,
 *   keys and a Suspense boundary within one commit cost no socket.
 *
 * Renders nothing of its own. On a server nothing is opened. Does not retry: a failed connection is left to `retry()`.
 *
 * @throws {StatesocketError} `bad-user-id`, to the nearest error boundary, for an empty or non-finite `userId`.
 *
 * @example
 * <ConnectionProvider connection={connection} userId={user?.id ?? null}>
 *   <Chat />
 * </ConnectionProvider>
 */
export const ConnectionProvider = ({ connection, userId, children }: ConnectionProviderProps): ReactNode => {
  const sawUserOn = useRef<ProvidedConnection | null>(null);
  useEffect(() => holdConnection(connection), [connection]);
  useEffect(() => {
    if (userId !== null) {
      sawUserOn.current = connection;
      connection.connect({ userId });
    } else if (sawUserOn.current === connection) {
      sawUserOn.current = null;
      connection.logout();
    }
  }, [connection, userId]);
  return <ConnectionContext.Provider value={connection}>{children}</ConnectionContext.Provider>;
};
