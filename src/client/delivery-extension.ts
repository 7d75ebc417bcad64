import type { AnyActorLogic } from 'xstate';
import type { DeliveryChartSnapshot, OutboxChartSnapshot } from '../../machines/index.ts';
import type { StepListener } from '../../machines/xstate-internals.ts';
import type { Transport } from '../actors/transport.ts';
import type { Clock } from '../lib/clock.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import type { DeliverySnapshot, DiscontinuityListener, Outbox } from './delivery-view.ts';
import type { MessageRoute } from './inbox.ts';
import type { MessageListeners } from './message-listeners.ts';
import type { PlainMessages } from './plain-messages.ts';
import type { SendResult } from './send-result.ts';

/** How a user's session ends. */
export type SessionEnd = 'logout' | 'disconnect' | 'switch' | 'dispose';

/** What a delivery works with: the parts of one connection. */
export interface DeliveryParts {
  readonly listeners: MessageListeners;
  /** Reads what a plain server sends. */
  readonly plainMessages: PlainMessages;
  readonly clock: Clock;
  readonly report: (error: StatesocketError) => void;
  /** Told of each step of its chart. Undefined: nothing is recorded. */
  readonly onStep: StepListener<DeliveryChartSnapshot> | undefined;
  /** The same, of the chart of each queue of durable messages. */
  readonly onOutboxStep: StepListener<OutboxChartSnapshot> | undefined;
}

/** What takes the messages of one socket: made with it, and never used for another. */
export interface DeliveryLine extends MessageRoute {
  /** The socket is open, and the chart knows. */
  opened(): void;
  /** The chart has left it; `code` is that of its close, null where none was seen. Of one that never opened, too. */
  ended(code: number | null): void;
}

/**
 * How the messages of one connection come and go, beyond its socket. The core has one for plain servers; the option
 * `delivery` brings another. Nothing in it throws.
 */
export interface Delivery {
  /** The chart that decides, for the chart of the connection to invoke. Null: there is nothing to decide. */
  readonly chart: AnyActorLogic | null;
  /** The durable messages. */
  readonly outbox: Outbox;
  getSnapshot(): DeliverySnapshot;
  subscribe(listener: () => void): Unsubscribe;
  onDiscontinuity(listener: DiscontinuityListener): Unsubscribe;
  /** Makes what takes the messages of one socket. Called when its attempt begins. */
  lineOf(transport: Transport): DeliveryLine;
  /** A WELCOME of the extension came, though the server had been taken for a plain one. */
  welcomed(message: WireMessage): void;
  /** `plainMessages.repeatCount` has risen. */
  repeated(): void;
  /** A user is connected. */
  begins(userId: string): void;
  /** The user is gone. */
  leaves(how: SessionEnd): void;
  /** Queues a message of `send`, given with its JSON. Null: it is volatile, and none of its business. */
  queueOf(message: WireMessage): ((text: string) => SendResult) | null;
  /** The connection has ended. */
  stop(): void;
}

/** The value of the option `delivery`, made by `durableDelivery` of `statesocket/delivery`. */
export interface DeliveryExtension {
  /** The server is known to speak the extension. */
  readonly supportsDelivery: boolean;
  /** Makes the delivery of one connection. */
  begin(parts: DeliveryParts): Delivery;
}
