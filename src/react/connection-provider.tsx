'use client';

import { type ReactNode, useEffect, useMemo } from 'react';
import { needConnection } from '../client/need-connection.ts';
import { ConnectionContext } from './connection-context.ts';
import type { ProvidedConnection } from './register.ts';
import { createLease } from './user-lease.ts';

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
 * - Several providers may hold one connection: it is a user's as long as one of them names a user, and `logout` waits for the last
 *   one whose user goes away. Of two users the one named last is served, and `console.warn` says so (`providers-disagree`).
 *
 * Renders nothing of its own. On a server nothing is opened. Does not retry: a failed connection is left to `retry()`.
 *
 * @throws {StatesocketError} `bad-option` without a connection; `bad-user-id`, to the nearest error boundary, for an
 * empty or non-finite `userId`.
 *
 * @example
 * <ConnectionProvider connection={connection} userId={user?.id ?? null}>
 *   <Chat />
 * </ConnectionProvider>
 */
export const ConnectionProvider = ({ connection, userId, children }: ConnectionProviderProps): ReactNode => {
  needConnection('ConnectionProvider', connection);
  const lease = useMemo(() => createLease(connection), [connection]);
  useEffect(() => lease.hold(), [lease]);
  useEffect(() => lease.name(userId), [lease, userId]);
  return <ConnectionContext.Provider value={connection}>{children}</ConnectionContext.Provider>;
};
