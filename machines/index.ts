/**
 * The statecharts, their events, statuses and settings. No I/O, no DOM, no React: xstate only.
 * @module statesocket/machines
 */
export { LATE_MS } from '../src/lib/timer.ts';
export { type ClassifyClose, type CloseVerdict, safeClassifyClose, verdictOf } from './close-verdict.ts';
export type { ConnectionContext, TokenReason } from './connection.context.ts';
export type {
  ConnectionEnd,
  ConnectionEvent,
  ConnectionWish,
  LinkFault,
  SignalEvent,
  SocketClose,
  SocketEvent,
  SocketRequest,
} from './connection.events.ts';
export {
  ATTEMPT_FAULTS,
  type AttemptFault,
  END_CAUSES,
  type EndCause,
  LINK_FAULTS,
} from './connection.events.ts';
export {
  type ConnectionActor,
  type ConnectionChartSnapshot,
  connectionMachine,
} from './connection.machine.ts';
export {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  type ConnectionSettings,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_HEARTBEAT_INTERVAL_MS,
  DEFAULT_MAX_RETRIES,
  DEFAULT_PROBE_TIMEOUT_MS,
  DEFAULT_SETTINGS,
  DEFAULT_STABLE_AFTER_MS,
  DOUBT_COUNT,
  MAX_LEARNT_HEARTBEAT_MS,
  MIN_BEAT_GAP_MS,
  MUTE_COUNT,
  OFFLINE_PROBE_MS,
  SIGNAL_PROBE_TIMEOUT_MS,
  SUSPENDED_LIMIT_MS,
} from './connection.settings.ts';
export { refundDelayMs, type SocketInput } from './connection.setup.ts';
export {
  CONNECTION_STATUSES,
  type ConnectionFailure,
  type ConnectionStatus,
  failureOf,
  statusOf,
} from './connection-status.ts';
export { CONNECTION_WAITS, type ConnectionWait, waitOf } from './connection-wait.ts';
export type { DeliveryEvent, DeliveryPort } from './delivery.events.ts';
export { type DeliveryChartSnapshot, deliveryMachine, deliveryMachineOf } from './delivery.machine.ts';
export {
  type DeliveryContext,
  RELOAD_LIMIT_MS,
  RESUME_LIMIT_MS,
  STALL_MS,
} from './delivery.setup.ts';
export { DELIVERY_STATUSES, type DeliveryStatus, deliveryStatusOf } from './delivery-status.ts';
export type { OutboxEvent, OutboxPort, RunningOutbox } from './outbox.events.ts';
export { type OutboxChartSnapshot, outboxMachine, outboxMachineOf } from './outbox.machine.ts';
export type { OutboxContext, OutboxInput } from './outbox.setup.ts';
