import { useSyncExternalStore } from 'react';
import type { DeliverySnapshot } from '../client/delivery.ts';
import { useConnection } from './use-connection.ts';

/**
 * How messages come, and the progress of a long resume: `connection.delivery.getSnapshot()`. Re-renders at most once an
 * ACK, not with each message. On a server: waiting.
 *
 * @example
 * const { status, isCaughtUp, appliedCount } = useDelivery();
 * {status === 'live' && !isCaughtUp && <p>{`Catching up: ${appliedCount} messages so far`}</p>}
 */
export const useDelivery = (): DeliverySnapshot => {
  const { delivery } = useConnection();
  return useSyncExternalStore(delivery.subscribe, delivery.getSnapshot, delivery.getSnapshot);
};
