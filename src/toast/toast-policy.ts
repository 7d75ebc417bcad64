import type { ConnectionSnapshot, MessageOfType } from '../client/connection.ts';
import type { StatesocketError } from '../protocol/errors.ts';

/** How a toast looks. */
export type ToastLevel = 'info' | 'success' | 'warning' | 'error';

/** What a toast says. Toasts of the same `id` are one toast. */
export interface ToastText {
  readonly id: string;
  /** Shown as text, never as HTML, and cut after 200 characters. */
  readonly text: string;
  /** @default 'info' */
  readonly level?: ToastLevel;
}

/** How messages of one type become a toast. Both functions must depend on their arguments alone. */
export interface MessageToast<M> {
  /** Which toast the message belongs to, for example one a conversation. */
  readonly id: (message: M) => string;
  /**
   * What the toast says: asked once a frame for the newest message; `count` is how many the toast stands for since it
   * was opened. Null: the toast is left as it is.
   */
  readonly text: (message: M, count: number) => string | null;
  /** @default 'info' */
  readonly level?: ToastLevel;
}

/** Which toasts there are: a pure function of messages, snapshots and reported errors. */
export interface ToastPolicy<M extends { type: string }> {
  readonly messages?: { readonly [T in M['type'] | 'binary']?: MessageToast<MessageOfType<M, T>> };
  /** Asked on each change of the connection. Null: no toast. */
  readonly snapshot?: (next: ConnectionSnapshot, previous: ConnectionSnapshot) => ToastText | null;
  /** Asked for each error the connection reports. Null: no toast. Counts as a listener: errors leave `console.warn`. */
  readonly errors?: (error: StatesocketError) => ToastText | null;
  /** How many toasts of this policy are alive at most. A further one takes the place of the oldest. @default 3 */
  readonly limitCount?: number;
}
