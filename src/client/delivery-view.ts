import type { DeliveryStatus } from '../../machines/index.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { WireMessage } from '../protocol/message.ts';

/** How far a connection is with the log of its user, human-readable. */
export interface LogProgress {
  /** Durable messages applied since the last RESUME, as of the last ACK. */
  readonly appliedCount: number;
  /** Whether everything has been applied that was in the log at RESUMED. */
  readonly isCaughtUp: boolean;
  /** The position of the last durable message that was applied, as of the last ACK; null: none, or a plain server. */
  readonly cursor: string | null;
}

/** How messages come, and how far the client is with them. Frozen; the same object until something changes. */
export interface DeliverySnapshot extends LogProgress {
  /** Without the option `delivery` it is `plain` while a socket is open, else `waiting`. */
  readonly status: DeliveryStatus;
  /** Messages of plain servers that were dropped because their id had come before; with the option `ack` only. */
  readonly repeatCount: number;
}

/**
 * What has become of a durable message.
 * - `queued`: it waits for a connection, or for its turn.
 * - `sent`: it was handed to a socket, and the server has not confirmed it.
 * - `delivered`: the server has confirmed that it took effect.
 * - `failed`: it did not and will not take effect; `code` says why.
 */
export type OutboxEntryState = 'queued' | 'sent' | 'delivered' | 'failed';

/** One durable message, as an app can show it. Frozen; the object stays the same until something in it changes. */
export interface OutboxEntry {
  /** Names it: for `retry` and `discard`, and in the sender's own echo of it. A uuid. */
  readonly key: string;
  readonly message: WireMessage;
  readonly state: OutboxEntryState;
  /**
   * Why it failed: the server's own code for a rejection, else `expired`, `quarantined`, or `skipped` (by another page).
   */
  readonly code?: string;
  /** When it was queued, in ms since 1970: comparable with `Date.now()`. With a `clock` that has no `wallNow`, as its `now` counts. */
  readonly queuedAt: number;
}

/** Durable messages that wait, and what became of the last ones: `connection.outbox`. Of the connected user only. */
export interface Outbox {
  /**
   * In the order in which they were queued: all that wait, the failed ones (the last 100) until they are retried or
   * discarded, and the last 50 that were delivered. Frozen; the array stays the same until something in it changes.
   */
  readonly entries: readonly OutboxEntry[];
  /** Calls the listener, without arguments, each time `entries` has changed. Fits `useSyncExternalStore`. */
  subscribe(listener: () => void): Unsubscribe;
  /** Queues a failed message again, as a new entry with a new key; the failed one leaves. Of others it does nothing. */
  retry(key: string): void;
  /**
   * Takes an entry out. One that a server may have has to be withdrawn there; where that comes too late, it comes back as
   * `delivered`, in a later page too. A logout before that is reported as `messages-discarded`.
   */
  discard(key: string): void;
}

/** Messages that this page has not had, and will not get. */
export interface Discontinuity {
  /** `first`: it has had none at all, and loads its state. `gap`: some are missing after those it has had. */
  readonly reason: 'first' | 'gap';
}

/** Loads the app's state again. The promise resolves when that is done; a throw or a rejection means that it failed. */
export type DiscontinuityListener = (discontinuity: Discontinuity) => void | Promise<void>;
