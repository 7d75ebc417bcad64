import { useSelector } from '@xstate/react';
import type { ConnectionStatus } from '../../machines/index.ts';
import { readableOf } from './readable-of.ts';
import { useConnection } from './use-connection.ts';

/**
 * The public status, one of six. Re-renders only when it changes. On a server: idle. A part of the page that hydrates
 * only after the connection was started (behind Suspense) finds it changed, and React renders that part anew.
 *
 * @example
 * const online = useConnectionStatus() === 'open';
 */
export const useConnectionStatus = (): ConnectionStatus =>
  useSelector(readableOf(useConnection()), (snapshot) => snapshot.status);
