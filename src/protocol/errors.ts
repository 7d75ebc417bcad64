import type { SocketFailure } from './socket-failure.ts';

/**
 * Every code an error of statesocket can carry. The set is closed: docs/errors.md lists each with its cause and its
 * cure, and a test compares the two.
 */
export const ERROR_CODES = [
  // Thrown at the caller, before anything was changed.
  'bad-option',
  'bad-user-id',
  // Reported: what the app has probably not meant. The connection goes on.
  'unknown-option',
  'token-missing',
  'duplicate-connection',
  'message-altered',
  // Reported: a call that could not be carried out.
  'disposed',
  'not-connected',
  'message-not-serialisable',
  'message-refused',
  'send-failed',
  // Reported: what became of durable messages. Their entries in the outbox say it too.
  'outbox-full',
  'message-failed',
  'messages-discarded',
  'storage-failed',
  // Reported: an attempt to connect, or a socket, went wrong. The chart decides what follows.
  'token-failed',
  'url-failed',
  'protocols-failed',
  'socket-impossible',
  'socket-error',
  'connect-timeout',
  'ping-unanswered',
  'idle-timeout',
  'connection-failed',
  // Reported: something came from the wire that cannot be used. The connection is kept.
  'malformed-frame',
  'invalid-message',
  'unknown-type',
  'bad-message-id',
  'ack-overflow',
  // Reported: the delivery extension. What was lost, and what stopped.
  'message-skipped',
  'discontinuity',
  'reload-failed',
  'delivery-missing',
  'version-mismatch',
  // Reported: a function the app passed in threw or returned nonsense. A default was used.
  'listener-failed',
  'ack-failed',
  'backoff-failed',
  'classify-failed',
  'heartbeat-failed',
  'clock-failed',
  'signals-failed',
  'random-failed',
  'durable-failed',
  'inspect-failed',
  'inspect-unavailable',
  'bridge-failed',
  // Reported: what the app says contradicts itself.
  'providers-disagree',
  // Reported: the chart itself stopped; the connection is dead and must be made again.
  'chart-crashed',
  // Gateway.
  'command-failed',
  'engine-failed',
  'command-reused',
  'authenticate-failed',
  'upgrade-refused',
  'presence-failed',
  'observer-failed',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error class of statesocket, thrown for bad arguments and handed to error channels for everything else.
 *
 * Its message never contains the token, the URL or a payload. `cause` is the original error where one exists and is
 * known not to carry the URL.
 *
 * @example
 * connection.onError((error) => {
 *   if (error.code === 'not-connected') showToast('Cannot send message. Connection lost.');
 * });
 */
export class StatesocketError extends Error {
  override readonly name = 'StatesocketError';
  /** What went wrong, as a literal to switch on. */
  readonly code: ErrorCode;

  /** Of `socket-error`: why the socket failed, where the platform tells. Null: it does not, as in browsers, or it is another error. */
  readonly failure: SocketFailure | null;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; failure?: SocketFailure | null },
  ) {
    super(message, options);
    this.code = code;
    this.failure = options?.failure ?? null;
  }
}
