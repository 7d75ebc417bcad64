import { useSelector } from '@xstate/react';
import type { ConnectionSnapshot } from '../client/connection.ts';
import { readableOf } from './readable-of.ts';
import { useConnection } from './use-connection.ts';

/**
 * What to show of the connection: status, failure, retries, when the next one dials. Re-renders on each change;
 * messages are none. On a server: idle.
 *
 * @example
 * const { status, nextRetryAt } = useConnectionSnapshot();
 */
export const useConnectionSnapshot = (): ConnectionSnapshot =>
  useSelector(readableOf(useConnection()), (snapshot) => snapshot);
