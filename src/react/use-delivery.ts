import type { DeliverySnapshot } from '../client/delivery-view.ts';
import type { Readables } from './readables-of.ts';
import { useReadable } from './use-readable.ts';

const deliveryIn = ({ delivery }: Readables) => delivery;
const all = (snapshot: DeliverySnapshot) => snapshot;

/**
 * How messages come, and the progress of a long resume: `connection.delivery.getSnapshot()`. Re-renders at most once an
 * ACK, not with each message. On a server, and while a page takes over its HTML: waiting.
 *
 * @example
 * const { status, isCaughtUp, appliedCount } = useDelivery();
 * {status === 'live' && !isCaughtUp && <p>{`Catching up: ${appliedCount} messages so far`}</p>}
 */
export const useDelivery = (): DeliverySnapshot => useReadable('useDelivery', deliveryIn, all);
