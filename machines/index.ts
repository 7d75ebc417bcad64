/**
 * The statechart, its events, its statuses and its settings. No I/O, no DOM, no React: xstate only.
 * @module statesocket/machines
 */
export type {
  ConnectionEnd,
  ConnectionEvent,
  ConnectionWish,
  SocketClose,
  SocketEvent,
} from './connection.events.ts';
export {
  type ConnectionActor,
  type ConnectionChartSnapshot,
  type ConnectionContext,
  connectionMachine,
  type SocketInput,
} from './connection.machine.ts';
export {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  type ConnectionSettings,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_MAX_RETRIES,
  DEFAULT_SETTINGS,
  DEFAULT_STABLE_AFTER_MS,
} from './connection.settings.ts';
export {
  CONNECTION_STATUSES,
  type ConnectionFailure,
  type ConnectionStatus,
  failureOf,
  statusOf,
} from './connection-status.ts';
