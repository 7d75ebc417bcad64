import type { OutgoingMessage, WireMessage } from '../protocol/message.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { leanDiagnostics } from './lean-diagnostics.ts';
import { makeConnection } from './make-connection.ts';

/** `createConnection` for a page in production: it says less of how an app is written ({@link leanDiagnostics}), and is lighter. */
export const createConnection = <
  M extends { type: string } = WireMessage,
  S extends { readonly type: string } = OutgoingMessage,
>(
  options: ConnectionOptions<M, S>,
): Connection<M, S> => makeConnection(options, leanDiagnostics);
