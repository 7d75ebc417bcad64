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
  ConnectionWait,
  DeliveryStatus,
  SocketClose,
} from '../machines/index.ts';
export type { Signal, SignalSource } from './actors/app-signals.ts';
export type { GetProtocols, GetToken, GetUrl } from './actors/dial.ts';
export type { WebSocketConstructor, WebSocketLike } from './actors/web-socket-like.ts';
export type { Connection, ConnectionSnapshot, MessageOfType } from './client/connection.ts';
export type { ConnectionOptions } from './client/connection-options.ts';
export { createConnection } from './client/create-connection.ts';
export type { DeliveryExtension } from './client/delivery-extension.ts';
export type {
  DeliverySnapshot,
  Discontinuity,
  DiscontinuityListener,
  Outbox,
  OutboxEntry,
  OutboxEntryState,
} from './client/delivery-view.ts';
export { type DescribedSnapshot, describeConnection } from './client/describe-connection.ts';
export type { AckOf } from './client/plain-messages.ts';
export type { SendResult } from './client/send-result.ts';
export { createTypingIndicator } from './client/typing-indicator.ts';
export type { Waiting } from './client/wait-watch.ts';
export { type Backoff, exponentialBackoff, type Jitter, linearBackoff } from './lib/backoff.ts';
export type { ByteView } from './lib/byte-view.ts';
export type { Clock, TimerHandle } from './lib/clock.ts';
export type { Unsubscribe } from './lib/listener-list.ts';
export type { Codec } from './protocol/codec.ts';
export { type ErrorCode, StatesocketError } from './protocol/errors.ts';
export type { PresenceMessage } from './protocol/extension.ts';
export type { AckMessage, BinaryMessage, OutgoingMessage, WireMessage } from './protocol/message.ts';
export type { MessageSchema, SendSchema } from './protocol/schema.ts';
export type { SocketFailure } from './protocol/socket-failure.ts';
export { flightRecorder, type RecorderExtension } from './recording/flight-recorder.ts';
export { readRecording } from './recording/read-recording.ts';
export type {
  PackedStep,
  RecordedChart,
  RecordedCounters,
  RecordedEvent,
  RecordedFacts,
  RecordedSettings,
  RecordedStart,
  RecordedStep,
  Recording,
} from './recording/recording.ts';
export type { RecordingSettings } from './recording/recording-options.ts';
