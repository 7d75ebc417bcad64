import { useContext } from 'react';
import { StatesocketError } from '../protocol/errors.ts';
import { ConnectionContext } from './connection-context.ts';
import type { RegisteredConnection } from './register.ts';

/**
 * The connection of the nearest `ConnectionProvider`. Does not re-render when the connection changes.
 *
 * @throws {StatesocketError} `bad-option` outside a provider.
 *
 * @example
 * const connection = useConnection();
 * <button onClick={() => connection.retry()}>Reconnect now</button>
 */
export const useConnection = (): RegisteredConnection => {
  const connection = useContext(ConnectionContext);
  if (connection !== null) return connection;
  throw new StatesocketError('bad-option', 'This hook needs a ConnectionProvider above its component.');
};
