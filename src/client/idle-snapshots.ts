import { DEFAULT_MAX_RETRIES } from '../../machines/index.ts';
import type { ConnectionSnapshot } from './connection.ts';
import type { DeliverySnapshot } from './delivery-view.ts';

/**
 * What `getSnapshot()` of a connection says that nobody has started: what a server renders, and with it the first render of
 * a page that takes over the server's HTML, whatever the connection does by then.
 */
export const idleSnapshotOf = (maxRetries: number | null = DEFAULT_MAX_RETRIES): ConnectionSnapshot =>
  Object.freeze({
    status: 'idle',
    failure: null,
    retryCount: 0,
    maxRetries,
    wait: null,
    nextRetryAt: null,
    lastEnd: null,
  });

/** The same of `delivery.getSnapshot()`. */
export const WAITING_DELIVERY: DeliverySnapshot = Object.freeze({
  status: 'waiting',
  appliedCount: 0,
  isCaughtUp: false,
  cursor: null,
  repeatCount: 0,
});
