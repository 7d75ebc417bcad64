/**
 * The framework-free core: one WebSocket connection whose life is a statechart.
 * @module statesocket
 */
export type {
  ConnectionActor,
  ConnectionEnd,
  ConnectionEvent,
  ConnectionFailure,
  ConnectionStatus,
} from '../machines/index.ts';
export type { GetToken, GetUrl } from './actors/dial.ts';
export type { WebSocketConstructor, WebSocketLike } from './actors/web-socket-like.ts';
export type {
  Connection,
  ConnectionSnapshot,
  MessageOfType,
  SendResult,
  Unsubscribe,
} from './client/connection.ts';
export type { ConnectionOptions } from './client/connection-options.ts';
export { createConnection } from './client/create-connection.ts';
export type { AckOf } from './client/inbox.ts';
export { createTypingIndicator } from './client/typing-indicator.ts';
export { type Backoff, exponentialBackoff, type Jitter, linearBackoff } from './lib/backoff.ts';
export type { Clock, TimerHandle } from './lib/clock.ts';
export { type ErrorCode, StatesocketError } from './protocol/errors.ts';
export type { AckMessage, BinaryMessage, WireMessage } from './protocol/message.ts';
export type { MessageSchema } from './protocol/schema.ts';
