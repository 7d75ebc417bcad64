import { createIndexedDbStore } from '../actors/indexed-db-store.ts';
import type { OutboxStore } from '../actors/outbox-store.ts';
import type { Clock } from '../lib/clock.ts';
import { randomUuid } from '../lib/uuid.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import type { OutboxControl } from './outbox/outbox.ts';
import { LONGEST_AGE_MS } from './outbox/outbox-age.ts';

/** How many durable messages may wait, unless the app says otherwise. */
const DEFAULT_MAX_COUNT = 1_000;
/** How long a durable message may wait, in ms, unless the app says otherwise: a day. */
const DEFAULT_MAX_AGE_MS = 24 * 60 * 60 * 1_000;

/** Which messages of `send` must not be lost, and where they wait. */
export interface DeliverySettings {
  /** Whether a message is durable: it waits in the outbox until the server has confirmed it. Others are sent now or refused. */
  readonly durable: (message: WireMessage) => boolean;
  /**
   * Where they wait. Memory dies with the page; what IndexedDB keeps survives it, and is taken up by the next page of the
   * same user. Where IndexedDB cannot be had, memory is used and that is reported (`storage-failed`). @default 'memory'
   */
  readonly storage?: 'memory' | 'indexedDB' | OutboxStore;
  /** How many may wait; one more is refused (`outbox-full`). @default 1_000 */
  readonly maxCount?: number;
  /** How long one may wait, in ms, at most 7 days; an older one fails (`expired`). @default 86_400_000, a day */
  readonly maxAgeMs?: number;
}

const isWithin = (value: unknown, most: number): boolean =>
  value === undefined || (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most);

const isStore = (storage: unknown): boolean =>
  storage === undefined ||
  storage === 'memory' ||
  storage === 'indexedDB' ||
  typeof (storage as { open?: unknown } | null)?.open === 'function';

/** What is wrong with the option `delivery`, or null. */
export const faultOfDelivery = (delivery: DeliverySettings | undefined): string | null => {
  if (delivery === undefined) return null;
  if (typeof delivery?.durable !== 'function') {
    return 'delivery needs a function durable, for example ({ type }) => type === "CHAT".';
  }
  if (!isStore(delivery.storage)) return "delivery.storage must be 'memory', 'indexedDB' or an OutboxStore.";
  if (!isWithin(delivery.maxCount, Number.MAX_SAFE_INTEGER))
    return 'delivery.maxCount must be an integer above 0.';
  if (!isWithin(delivery.maxAgeMs, LONGEST_AGE_MS)) {
    return 'delivery.maxAgeMs must be an integer above 0, at most 7 days.';
  }
  return null;
};

const storeOf = (storage: NonNullable<DeliverySettings['storage']>): OutboxStore | null => {
  if (storage === 'memory') return null;
  return storage === 'indexedDB' ? createIndexedDbStore() : storage;
};

/** The outbox that the option `delivery` asks for; null: none, everything is volatile. */
export const outboxOf = (
  delivery: DeliverySettings | undefined,
  clock: Clock,
  report: (error: StatesocketError) => void,
  knowsServer: () => boolean,
): OutboxControl | null => {
  if (delivery === undefined) return null;
  const { storage = 'memory', maxCount = DEFAULT_MAX_COUNT, maxAgeMs = DEFAULT_MAX_AGE_MS } = delivery;
  return createOutbox({
    clock,
    store: storeOf(storage),
    maxCount,
    maxAgeMs,
    uuid: randomUuid,
    report,
    knowsServer,
  });
};

/** Asks the app whether a message is durable. Where it throws, that is reported, and the message is not let go. */
export const isDurable = (
  delivery: DeliverySettings | undefined,
  message: WireMessage,
  report: (error: StatesocketError) => void,
): boolean => {
  if (delivery === undefined) return false;
  try {
    return delivery.durable(message) === true;
  } catch (cause) {
    const what = 'delivery.durable threw. The message is taken as durable.';
    report(new StatesocketError('durable-failed', what, { cause }));
    return true;
  }
};
