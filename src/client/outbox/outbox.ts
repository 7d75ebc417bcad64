import type { Unsubscribe } from '../../lib/listener-list.ts';
import type { Receipt } from '../../protocol/extension.ts';
import type { SendResult } from '../send-result.ts';
import type { OutboxEntry } from './outbox-item.ts';
import type { OutboxLink, PlainLink } from './outbox-sender.ts';

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

/** How a user's session ends. */
export type OutboxEnd = 'logout' | 'disconnect' | 'switch' | 'dispose';

/** The outbox as the connection drives it. */
export interface OutboxControl extends Outbox {
  /** A user is connected: takes up what the store has for them. */
  begin(userId: string): void;
  /**
   * The user is gone. Logout: what waits leaves without a verdict, with a word. Else it stays in the store for the user's return; what
   * is lost with the connection (dispose) is reported.
   */
  end(how: OutboxEnd): void;
  /** Queues a message, given as its JSON. Refused when nobody is connected, when it is full, or when no server would read it. */
  add(text: string): SendResult;
  /** A socket's WELCOME has come. */
  linked(link: OutboxLink): void;
  /** A socket's server is plain. */
  plain(link: PlainLink): void;
  /** The socket has ended, with this close code; null: without one. */
  lost(code: number | null): void;
  receipt(receipt: Receipt): void;
}
