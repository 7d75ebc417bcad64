import type { OutboxEntry } from '../client/delivery-view.ts';
import type { Readables } from './readables-of.ts';
import { useReadable } from './use-readable.ts';

const outboxIn = ({ outbox }: Readables) => outbox;
const all = (entries: readonly OutboxEntry[]) => entries;

/**
 * The durable messages that wait, the failed ones, and the last that were delivered: `connection.outbox.entries`.
 * Re-renders on each change. Empty without the option `delivery`, on a server, and while a page takes over its HTML.
 *
 * Does not retry or discard: that is `useConnection().outbox.retry(key)` and `.discard(key)`.
 *
 * @example
 * const failed = useOutbox().filter(({ state }) => state === 'failed');
 */
export const useOutbox = (): readonly OutboxEntry[] => useReadable('useOutbox', outboxIn, all);
