import type { RegisteredConnection } from './register.ts';
import { useProvided } from './use-provided.ts';

/**
 * The connection of the nearest `ConnectionProvider`. Does not re-render when the connection changes.
 *
 * @throws {StatesocketError} `bad-option` outside a provider.
 *
 * @example
 * const connection = useConnection();
 * <button onClick={() => connection.retry()}>Reconnect now</button>
 */
export const useConnection = (): RegisteredConnection => useProvided('useConnection');
