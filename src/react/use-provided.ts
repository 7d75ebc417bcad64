import { useContext } from 'react';
import { StatesocketError } from '../protocol/errors.ts';
import { ConnectionContext } from './connection-context.ts';
import type { RegisteredConnection } from './register.ts';

/** The connection of the nearest `ConnectionProvider`, for the hook of this name: an error names what the app called. */
export const useProvided = (hook: string): RegisteredConnection => {
  const connection = useContext(ConnectionContext);
  if (connection !== null) return connection;
  throw new StatesocketError('bad-option', `${hook} needs a ConnectionProvider above its component.`);
};
