import type { DeliveryEvent, DeliveryPort } from '../../machines/index.ts';
import type { Transport } from '../actors/transport.ts';
import type { Delivery, DeliveryParts } from '../client/delivery-extension.ts';
import type { DeliverySnapshot } from '../client/delivery-view.ts';
import { beginDispatch, endDispatch } from '../client/dispatch-turn.ts';
import { WAITING_DELIVERY } from '../client/idle-snapshots.ts';
import { createUnsettledError } from '../client/message-listeners.ts';
import { NO_OUTBOX } from '../client/no-outbox.ts';
import { subscriberFault } from '../client/plain-delivery.ts';
import { createReadable, hasSameMembers } from '../lib/readable.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createDeliveryChart } from './delivery-chart.ts';
import { createDiscontinuities } from './discontinuity.ts';
import { createExtensionLine, type ExtensionLine } from './extension-line.ts';
import { type LogPosition, positionOf } from './log-position.ts';
import type { OutboxCharts, OutboxControl } from './outbox/outbox.ts';

/** Where durable messages wait, and which they are. */
export interface DurableQueue {
  readonly outbox: OutboxControl;
  /** Asks the app. Does not throw. */
  readonly isDurable: (message: WireMessage) => boolean;
}

export interface DeliveryOptions {
  /** The server is never taken for a plain one. */
  readonly supportsDelivery: boolean;
  /**
   * Null: no message of `send` is durable. `knowsServer`: the server is known to speak the extension. `charts`: who runs the charts
   * of its queues.
   */
  readonly queueOf: (knowsServer: () => boolean, charts: OutboxCharts) => DurableQueue | null;
}

/** Wires the delivery chart to the socket at hand, the outbox and the app. */
export const createDelivery = (parts: DeliveryParts, options: DeliveryOptions): Delivery => {
  const { plainMessages, report } = parts;
  const queue = options.queueOf(() => chart.supportsDelivery(), {
    begin: (which) => tell({ type: 'queue.begun', queue: which }),
    ended: (which) => tell({ type: 'queue.over', queue: which }),
  });
  const outbox = queue?.outbox ?? null;
  const discontinuities = createDiscontinuities();
  const unsettledError = createUnsettledError();
  /** Of the open socket. */
  let line: ExtensionLine | null = null;
  /** Of the last user. */
  let position: LogPosition | null = null;

  const tell = (event: DeliveryEvent): void => chart.tell(event);

  const port: DeliveryPort = {
    rest: () => line?.rest(),
    negotiate: () => line?.negotiate(),
    isLate: (limitMs) => line?.isLate(limitMs) === true,
    followPlain: () => line?.followPlain(),
    resume: () => line?.resume(),
    follow: () => line?.follow(),
    reload: () => line?.reload(),
    giveUpReload: () => line?.giveUpReload(),
    stall: () => line?.stall(),
  };

  const snapshots = createReadable<DeliverySnapshot>(WAITING_DELIVERY, subscriberFault(report));
  const snapshotOf = (status: DeliverySnapshot['status']): DeliverySnapshot => {
    const { appliedCount, isAtGoal } = line?.progress() ?? { appliedCount: 0, isAtGoal: false };
    return Object.freeze({
      status,
      appliedCount,
      isCaughtUp: status === 'live' && isAtGoal,
      cursor: position?.cursor ?? null,
      repeatCount: plainMessages.repeatCount,
    });
  };
  const publish = (): void => {
    const next = snapshotOf(chart.status());
    if (!hasSameMembers(next, snapshots.current)) snapshots.set(next);
  };
  const stepped = (): void => {
    publish();
    if (chart.status() !== 'live') return;
    beginDispatch();
    line?.release();
    endDispatch();
  };
  const chart = createDeliveryChart({
    port,
    outbox: outbox?.chart,
    supportsDelivery: options.supportsDelivery,
    onStep: parts.onStep,
    onStepped: stepped,
  });

  const logOf = ({ userId }: Transport): LogPosition => {
    if (position?.userId !== userId) position = positionOf(userId);
    return position;
  };

  return {
    chart: chart.logic,
    outbox: outbox ?? NO_OUTBOX,
    getSnapshot: () => snapshots.current,
    subscribe: snapshots.subscribe,
    onDiscontinuity: discontinuities.onDiscontinuity,
    lineOf(transport) {
      const own = createExtensionLine({
        ...parts,
        transport,
        position: logOf(transport),
        discontinuities,
        outbox,
        unsettledError,
        tell,
        onProgress: publish,
      });
      return Object.assign(own, {
        opened() {
          line = own;
          tell({ type: 'socket.opened' });
        },
        ended(code: number | null) {
          if (line !== own) return;
          own.rest();
          line = null;
          tell({ type: 'socket.ended' });
          outbox?.lost(code);
        },
      });
    },
    welcomed: (message) => line?.takeWelcome(message),
    repeated: publish,
    begins: (userId) => outbox?.begin(userId),
    leaves(how) {
      if (how === 'logout') {
        position = null;
        plainMessages.forget();
      }
      outbox?.end(how);
    },
    queueOf: (message) => (queue?.isDurable(message) === true ? queue.outbox.add : null),
    stop() {
      line?.rest();
      line = null;
      snapshots.end(snapshotOf('waiting'));
      discontinuities.clear();
      plainMessages.forget();
      outbox?.end('dispose');
    },
  };
};
