import type { ConnectionStatus } from '../../machines/index.ts';
import type { ConnectionSnapshot } from '../client/connection.ts';
import type { Readables } from './readables-of.ts';
import { useReadable } from './use-readable.ts';

const snapshotIn = ({ snapshot }: Readables) => snapshot;
const statusIn = ({ status }: ConnectionSnapshot) => status;

/**
 * The public status, one of six. Re-renders only when it changes. On a server: idle. So it is while a page takes over the server's
 * HTML, though the connection was started before, and for a part behind Suspense that is taken over later.
 *
 * @example
 * const online = useConnectionStatus() === 'open';
 */
export const useConnectionStatus = (): ConnectionStatus =>
  useReadable('useConnectionStatus', snapshotIn, statusIn);
