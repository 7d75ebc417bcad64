import type { AnyActorLogic } from 'xstate';
import type { SessionEnd } from '../../client/delivery-extension.ts';
import type { Outbox } from '../../client/delivery-view.ts';
import type { SendResult } from '../../client/send-result.ts';
import type { Receipt } from '../../protocol/extension.ts';
import type { OutboxLink, PlainLink } from './outbox-line.ts';

/** Who runs the charts of an outbox: one for each queue, by its number. */
export interface OutboxCharts {
  /** Starts one. */
  begin(queue: number): void;
  /** It has ended by itself. */
  ended(queue: number): void;
}

/** The outbox as delivery drives it. */
export interface OutboxControl extends Outbox {
  /** The chart of each queue. Its input names the queue. */
  readonly chart: AnyActorLogic;
  /** A user is connected: takes up what the store has for them, or goes on with what this page has kept. */
  begin(userId: string): void;
  /**
   * The user is gone. Logout: what waits leaves without a verdict, with a word. Else it stays in the store for the user's return; what
   * is lost with the connection (dispose) is reported.
   */
  end(how: SessionEnd): void;
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
