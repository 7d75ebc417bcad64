import type { DeliveryStatus } from '../../machines/index.ts';
import { createReadable } from '../lib/readable.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';
import type { Delivery, DeliveryParts } from './delivery-extension.ts';
import type { DeliverySnapshot } from './delivery-view.ts';
import { createErrorOnce } from './errors-per-type.ts';
import { WAITING_DELIVERY } from './idle-snapshots.ts';
import { NO_OUTBOX } from './no-outbox.ts';

/** Makes what takes the fault of a subscriber of delivery. */
export const subscriberFault =
  (report: (error: StatesocketError) => void) =>
  (cause: unknown): void => {
    const what = 'A subscriber of delivery threw or rejected. The others still ran.';
    report(new StatesocketError('listener-failed', what, { cause }));
  };

const noDelivery = (): StatesocketError => {
  const what =
    'The server speaks the delivery extension, and this connection does not: it is taken for a plain one';
  const then = 'What it sends while the connection is away is lost. This is said once';
  return mistake(['delivery-missing'], 'delivery-missing', `${what}. ${then}.`);
};

/** How messages come without the option `delivery`: as any plain server sends them. What is missed is not sent again. */
export const createPlainDelivery = ({
  plainMessages,
  report,
}: Pick<DeliveryParts, 'plainMessages' | 'report'>): Delivery => {
  const snapshots = createReadable<DeliverySnapshot>(WAITING_DELIVERY, subscriberFault(report));
  const missing = createErrorOnce(noDelivery);
  const snapshotOf = (status: DeliveryStatus): DeliverySnapshot =>
    Object.freeze({ ...WAITING_DELIVERY, status, repeatCount: plainMessages.repeatCount });

  return {
    chart: null,
    outbox: NO_OUTBOX,
    getSnapshot: () => snapshots.current,
    subscribe: snapshots.subscribe,
    onDiscontinuity: () => () => {},
    lineOf(transport) {
      const reader = plainMessages.readerOf(transport);
      return {
        reader,
        judgeFirst: null,
        opened: () => snapshots.set(snapshotOf('plain')),
        ended() {
          reader.end();
          if (snapshots.current.status !== 'waiting') snapshots.set(snapshotOf('waiting'));
        },
      };
    },
    welcomed: () => report(missing()),
    repeated: () => snapshots.set(snapshotOf(snapshots.current.status)),
    begins() {},
    leaves(how) {
      if (how === 'logout') plainMessages.forget();
    },
    queueOf: () => null,
    stop() {
      plainMessages.forget();
      snapshots.end(snapshotOf('waiting'));
    },
  };
};
