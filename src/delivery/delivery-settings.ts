import type { OutboxStore } from '../actors/outbox-store.ts';
import { unknownNames } from '../client/unknown-names.ts';
import type { Names } from '../lib/unknown-names.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { LONGEST_AGE_MS } from './outbox/outbox-age.ts';

/** How many durable messages may wait, unless the app says otherwise. */
export const DEFAULT_MAX_COUNT = 1_000;
/** How long a durable message may wait, in ms, unless the app says otherwise: a day. */
export const DEFAULT_MAX_AGE_MS = 24 * 60 * 60 * 1_000;

/** Which messages of `send` must not be lost, where they wait, and for which server. */
export interface DeliverySettings {
  /**
   * Whether a message is durable: it waits in the outbox until the server has confirmed it. Others are sent now or refused.
   * Omitted: none is. What the server sends is followed either way. @default none
   */
  readonly durable?: (message: WireMessage) => boolean;
  /**
   * Where they wait. Memory dies with the page; what IndexedDB keeps survives it, and is taken up by the next page of the
   * same user; its code is loaded when the first user connects. Where IndexedDB cannot be had, memory is used and that is
   * reported (`storage-failed`). @default 'memory'
   */
  readonly storage?: 'memory' | 'indexedDB' | OutboxStore;
  /**
   * Which server this is. `any`: it is plain until its first frame is a WELCOME of the delivery extension, or for good where
   * none comes in 2 s. `statesocket`: it is known to speak the extension, and never taken for plain; a socket without WELCOME
   * in 10 s is given up. Say so where you run the gateway: a link that dies before the first WELCOME of a page shows in no
   * other way, and what is sent until a late one comes is sent as to a plain server. @default 'any'
   */
  readonly server?: 'any' | 'statesocket';
  /** How many may wait; one more is refused (`outbox-full`). @default 1_000 */
  readonly maxCount?: number;
  /** How long one may wait, in ms, at most 7 days; an older one fails (`expired`). @default 86_400_000, a day */
  readonly maxAgeMs?: number;
}

const NAMES: Names<DeliverySettings> = {
  durable: true,
  storage: true,
  server: true,
  maxCount: true,
  maxAgeMs: true,
};

/** The names in the settings that nobody reads. */
export const unknownSettings = (settings: DeliverySettings): readonly StatesocketError[] =>
  unknownNames('durableDelivery', settings, NAMES);

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `durableDelivery: ${what}`);

const isWithin = (value: unknown, most: number): boolean =>
  value === undefined || (Number.isInteger(value) && (value as number) > 0 && (value as number) <= most);

const isStore = (storage: unknown): boolean =>
  storage === undefined ||
  storage === 'memory' ||
  storage === 'indexedDB' ||
  typeof (storage as { open?: unknown } | null)?.open === 'function';

/** Throws `bad-option` for what could only go wrong later, far from its cause. */
export const checkSettings = (settings: DeliverySettings): void => {
  if (typeof settings !== 'object' || settings === null)
    throw badOption("pass an object, for example { durable: ({ type }) => type === 'CHAT' }.");
  const { durable, storage, server, maxCount, maxAgeMs } = settings;
  if (durable !== undefined && typeof durable !== 'function')
    throw badOption('durable must be a function, for example ({ type }) => type === "CHAT".');
  if (!isStore(storage)) throw badOption("storage must be 'memory', 'indexedDB' or an OutboxStore.");
  if (server !== undefined && server !== 'any' && server !== 'statesocket')
    throw badOption("server must be 'any' or 'statesocket'.");
  if (!isWithin(maxCount, Number.MAX_SAFE_INTEGER)) throw badOption('maxCount must be an integer above 0.');
  if (!isWithin(maxAgeMs, LONGEST_AGE_MS))
    throw badOption('maxAgeMs must be an integer above 0, at most 7 days.');
};
