import { useSyncExternalStore } from 'react';
import type { OutboxEntry } from '../client/outbox/outbox-item.ts';
import { useConnection } from './use-connection.ts';

/**
 * The durable messages that wait, the failed ones, and the last that were delivered: `connection.outbox.entries`.
 * Re-renders on each change. Empty without the option `delivery`, and on a server.
 *
 * Does not retry or discard: that is `useConnection().outbox.retry(key)` and `.discard(key)`.
 *
 * @example
 * const failed = useOutbox().filter(({ state }) => state === 'failed');
 */
export const useOutbox = (): readonly OutboxEntry[] => {
  const { outbox } = useConnection();
  const read = () => outbox.entries;
  return useSyncExternalStore(outbox.subscribe, read, read);
};
