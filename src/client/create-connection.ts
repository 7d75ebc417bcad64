import type { OutgoingMessage, WireMessage } from '../protocol/message.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { fullDiagnostics } from './diagnostics.ts';
import { makeConnection } from './make-connection.ts';

/**
 * Makes a connection: the statechart, its socket actor and the data plane, wired together. Nothing is dialled until
 * `connect()`; on a server, where nobody calls that, nothing opens and no global is touched.
 *
 * Make one per app, outside React, and share it. Dispose of it on hot reload.
 *
 * @throws {StatesocketError} `bad-option` when an option cannot work.
 * @example
 * const connection = createConnection({
 *   url: ({ token }) => `wss://example.org/connect/${token}/`,
 *   getToken: () => localStorage.getItem('accessToken'),
 * });
 * connection.on('NEW_MESSAGE', (message) => console.log(message));
 * connection.connect({ userId: 'ada' });
 */
export const createConnection = <
  M extends { type: string } = WireMessage,
  S extends { readonly type: string } = OutgoingMessage,
>(
  options: ConnectionOptions<M, S>,
): Connection<M, S> => makeConnection(options, fullDiagnostics);
