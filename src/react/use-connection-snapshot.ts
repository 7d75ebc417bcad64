import type { ConnectionSnapshot } from '../client/connection.ts';
import type { Readables } from './readables-of.ts';
import { useReadable } from './use-readable.ts';

const snapshotIn = ({ snapshot }: Readables) => snapshot;
const all = (snapshot: ConnectionSnapshot) => snapshot;

/**
 * What to show of the connection: status, failure, retries, when the next one dials. Re-renders on each change;
 * messages are none. On a server, and while a page takes over its HTML: idle.
 *
 * @example
 * const { status, nextRetryAt } = useConnectionSnapshot();
 */
export const useConnectionSnapshot = (): ConnectionSnapshot =>
  useReadable('useConnectionSnapshot', snapshotIn, all);
