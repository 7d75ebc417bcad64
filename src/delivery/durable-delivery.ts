import type { OutboxStore } from '../actors/outbox-store.ts';
import type { DeliveryExtension, DeliveryParts } from '../client/delivery-extension.ts';
import { randomUuid } from '../lib/uuid.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { createDelivery, type DurableQueue } from './create-delivery.ts';
import {
  checkSettings,
  DEFAULT_MAX_AGE_MS,
  DEFAULT_MAX_COUNT,
  type DeliverySettings,
  unknownSettings,
} from './delivery-settings.ts';
import { createLazyStore } from './lazy-store.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import type { OutboxCharts } from './outbox/outbox.ts';

const indexedDbStore = async (): Promise<OutboxStore> =>
  (await import('../actors/indexed-db-store.ts')).createIndexedDbStore();

const storeOf = (storage: NonNullable<DeliverySettings['storage']>): OutboxStore | null => {
  if (storage === 'memory') return null;
  return storage === 'indexedDB' ? createLazyStore(indexedDbStore) : storage;
};

/** Where durable messages wait; null: none is durable. */
const queueOf = (
  settings: DeliverySettings,
  { clock, report, onOutboxStep: onStep }: DeliveryParts,
  knowsServer: () => boolean,
  charts: OutboxCharts,
): DurableQueue | null => {
  const {
    durable,
    storage = 'memory',
    maxCount = DEFAULT_MAX_COUNT,
    maxAgeMs = DEFAULT_MAX_AGE_MS,
  } = settings;
  if (durable === undefined) return null;
  const store = storeOf(storage);
  return {
    outbox: createOutbox({
      clock,
      store,
      maxCount,
      maxAgeMs,
      uuid: randomUuid,
      report,
      knowsServer,
      charts,
      onStep,
    }),
    isDurable(message) {
      try {
        return durable(message) === true;
      } catch (cause) {
        // Not let go: it may be one that must not be lost.
        const what = 'durable of durableDelivery threw. The message is taken as durable.';
        report(new StatesocketError('durable-failed', what, { cause }));
        return true;
      }
    },
  };
};

/**
 * The delivery extension, for the option `delivery` of `createConnection`: what the server sends is followed along a log, each
 * message once and in order, also what was missed while away; and durable messages of `send` wait in `connection.outbox`
 * until the server has confirmed them. A server that does not speak it is a plain one, and gets nothing that it would not
 * know.
 *
 * The same value may be given to several connections: each has an outbox of its own.
 *
 * @throws {StatesocketError} `bad-option` when a setting cannot work.
 * @example
 * const connection = createConnection({
 *   url: 'wss://example.org/connect/',
 *   delivery: durableDelivery({ durable: ({ type }) => type === 'SEND_MESSAGE', storage: 'indexedDB' }),
 * });
 */
export const durableDelivery = (settings: DeliverySettings = {}): DeliveryExtension => {
  checkSettings(settings);
  const supportsDelivery = settings.server === 'statesocket';
  return {
    supportsDelivery,
    begin(parts) {
      // Later than now: the app's onError listener comes after the connection is made.
      queueMicrotask(() => {
        for (const error of unknownSettings(settings)) parts.report(error);
      });
      return createDelivery(parts, {
        supportsDelivery,
        queueOf: (knowsServer, charts) => queueOf(settings, parts, knowsServer, charts),
      });
    },
  };
};
