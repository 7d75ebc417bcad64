import type {
  ConnectionActor,
  ConnectionEnd,
  ConnectionFailure,
  ConnectionStatus,
} from '../../machines/index.ts';
import type { ByteView } from '../lib/byte-view.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { PresenceMessage } from '../protocol/extension.ts';
import type { BinaryMessage, OutgoingMessage, WireMessage } from '../protocol/message.ts';
import type { Recording } from '../recording/recording.ts';
import type { RecordingSettings } from '../recording/recording-options.ts';
import type { DeliverySnapshot, DiscontinuityListener, Outbox } from './delivery-view.ts';
import type { SendResult } from './send-result.ts';
import type { Waiting } from './wait-watch.ts';

/**
 * The message type `T` of the union `M`; all of `M` where its types are not literals. `PRESENCE` is the protocol's own,
 * unless the app has one.
 */
export type MessageOfType<M extends { type: string }, T extends string> = T extends 'binary'
  ? BinaryMessage
  : string extends M['type']
    ? M
    : T extends M['type']
      ? Extract<M, { type: T }>
      : PresenceMessage;

/**
 * What an app can show of a connection. Frozen and serialisable; the object stays the same until something changes.
 */
export interface ConnectionSnapshot {
  readonly status: ConnectionStatus;
  /** Why the status is `failed`; null in every other status. */
  readonly failure: ConnectionFailure | null;
  /** Scheduled retries since the connection was last stable. */
  readonly retryCount: number;
  /** Scheduled retries before the connection fails; null: it never does for that (`maxRetries: Infinity`). */
  readonly maxRetries: number | null;
  /**
   * What is waited for, and until when; null where nothing is: in every status but backoff. `until` is in ms since 1970,
   * comparable with `Date.now()`, or null where no end is known; with a `clock` that has no `wallNow`, as its `now` counts. A
   * signal or a person may end it sooner, and a timer of a page that sleeps ends it later.
   */
  readonly wait: Waiting | null;
  /** When the next attempt dials: `wait.until`, or null where nothing is waited for. */
  readonly nextRetryAt: number | null;
  /** How the last attempt or socket ended; null before the first end. */
  readonly lastEnd: ConnectionEnd | null;
}

/**
 * One WebSocket connection of one user, shared by everything on the page. Made by `createConnection`.
 *
 * Its life is the statechart in `actor`; its messages go straight from the socket to the listeners.
 */
export interface Connection<
  M extends { type: string } = WireMessage,
  S extends { readonly type: string } = OutgoingMessage,
> {
  /**
   * Asks for a token and dials. The same user again while connecting, open or in backoff: nothing happens. Another
   * user: the old socket is gone before the new one is dialled. No token: back to idle, nothing is dialled.
   *
   * @throws {StatesocketError} `bad-user-id` when `userId` is neither a string with characters nor a finite number.
   */
  connect(user: { readonly userId: string | number }): void;
  /** Closes the socket with 1000 and forgets the user: idle, no reconnect until `connect`. Nothing happens after logout. */
  disconnect(): void;
  /** As `disconnect`, but to loggedOut, which only `connect` leaves. */
  logout(): void;
  /**
   * Dials now, the connect budget allowing. Acts in backoff (not counted as a retry) and failed (starts afresh, with a fresh token
   * after a rejected one); elsewhere nothing happens.
   */
  retry(): void;
  /**
   * Sends one message, as a JSON text frame or as the option `codec` makes it. A durable one (option `delivery`) goes
   * through the outbox. Returns `refused`, and reports why, when the connection is not open
   * (`not-connected`), the message does not fit the option `sends` (`message-refused`) or does not serialise
   * (`message-not-serialisable`), or the socket throws (`send-failed`). What JSON would alter is sent and reported (`message-altered`).
   */
  send(message: S): SendResult;
  /** Sends one binary frame; the bytes are not copied. Returns as `send` does. */
  sendBinary(data: ArrayBuffer | ByteView): SendResult;
  /**
   * Listens to one message type; `'binary'` listens to binary frames. A server of the delivery extension also sends
   * `PRESENCE`, which no schema checks and `onMessage` does not get.
   *
   * The rule of EventTarget, here and for every other listener: one that is removed is not called any more, also by the
   * dispatch that is under way; one that is added during a dispatch waits for the next. Listeners are called in the order
   * in which they were added, those of a type before those of every message.
   *
   * A message is one object for all its listeners: read it, and copy what you want to change. No adapter freezes or changes it
   * before all listeners of its frame have run.
   *
   * A listener may return a promise. Nothing waits for it but the ACK of its message, 30 s at most; one that rejects is
   * reported (`listener-failed`).
   */
  on<T extends M['type'] | 'binary' | 'PRESENCE'>(
    type: T,
    listener: (message: MessageOfType<M, T>) => unknown,
  ): Unsubscribe;
  /** Listens to every message, binary frames included. */
  onMessage(listener: (message: M | BinaryMessage) => unknown): Unsubscribe;
  /** The public status, one of six. After `dispose` it is idle, of a crashed chart failed. */
  readonly status: ConnectionStatus;
  /** What to show. The same object until something changes, so it fits `useSyncExternalStore`. */
  getSnapshot(): ConnectionSnapshot;
  /**
   * Calls the listener, without arguments, each time `getSnapshot()` has changed. A wish made inside it (`logout()`) is
   * carried out when all listeners have run.
   *
   * Not the place to say something to the server: the snapshot changes while it is open too, as when the retry count is set
   * to 0. That is {@link Connection.onOpen}.
   */
  subscribe(listener: () => void): Unsubscribe;
  /**
   * Calls the listener once for each socket that has opened, the first and every later one: the place to subscribe at the
   * server, or to ask what was missed. The status is `open`, `send` works, subscribers were told, and no message of the socket
   * has come yet. Listeners run in the order in which they were added; one that throws or rejects is reported
   * (`listener-failed`), and after one that ends the socket (`logout()`) the rest do not run.
   *
   * Does not run for the socket that is open already when it is added, nor after `dispose`.
   *
   * @example
   * connection.onOpen(() => connection.send({ type: 'SUBSCRIBE', channel: 'news' }));
   */
  onOpen(listener: () => unknown): Unsubscribe;
  /** The durable messages that wait, and what became of the last ones. Empty without the option `delivery`. */
  readonly outbox: Outbox;
  /**
   * Listens to discontinuities: the server speaks the delivery extension, and this page has had no messages yet, or some are
   * missing for good. Load the state again over HTTP, merge it by id, and resolve when that is done; durable messages wait
   * meanwhile, 120 s at most. Without any listener a first load passes silently and a gap is reported (`discontinuity`).
   */
  onDiscontinuity(listener: DiscontinuityListener): Unsubscribe;
  /** How messages come, and the progress of a long resume. Changes at most once an ACK. Fits `useSyncExternalStore`. */
  readonly delivery: {
    getSnapshot(): DeliverySnapshot;
    subscribe(listener: () => void): Unsubscribe;
  };
  /** Listens to the one error channel. Without any listener errors go to `console.warn`. */
  onError(listener: (error: StatesocketError) => unknown): Unsubscribe;
  /** The user that `connect` named, as a string; null when idle or logged out. */
  readonly userId: string | null;
  /**
   * What the charts did last, as small JSON: for a report of a defect, for `readRecording`, and for `replay` of
   * `statesocket/testing`. Works after `dispose` and after a crash too. Null without the
   * option `recorder: flightRecorder()`.
   */
  recording(limits?: RecordingSettings): Recording | null;
  /** The XState actor: for inspection, for selectors, and for tests that fire model events. */
  readonly actor: ConnectionActor;
  /**
   * Closes the socket and ends every timer and every listener but those of `onError`: later calls do nothing and are
   * reported there (`disposed`).
   */
  dispose(): void;
}
