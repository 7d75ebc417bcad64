/**
 * The delivery extension: what was missed comes again, each message once and in order, and what must not be lost waits in an
 * outbox. Pass it as the option `delivery` of `createConnection`.
 * @module statesocket/delivery
 */
export type {
  OutboxStore,
  SkipReason,
  StoredEntry,
  StoreRequest,
  StoreSession,
} from '../actors/outbox-store.ts';
export type { DeliveryExtension } from '../client/delivery-extension.ts';
export type {
  DeliverySnapshot,
  Discontinuity,
  DiscontinuityListener,
  Outbox,
  OutboxEntry,
  OutboxEntryState,
} from '../client/delivery-view.ts';
export type { DeliverySettings } from './delivery-settings.ts';
export { durableDelivery } from './durable-delivery.ts';
