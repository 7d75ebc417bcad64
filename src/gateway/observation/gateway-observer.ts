import type { CommandOutcome, GatewayFact } from './gateway-facts.ts';

/** How a gateway is at the moment that a figure is read. Meant for a scrape, not for each message. */
export interface GatewayFigures {
  /** Sockets that were admitted and are open. */
  readonly connectionCount: number;
  /** Users who have one or more of them. */
  readonly userCount: number;
  /** Handshakes that wait for their verdict. */
  readonly pendingHandshakeCount: number;
  /** Commands that were received and do not run yet: a look at each socket. */
  readonly waitingCommandCount: number;
  /** Calls to the engine that have not returned. */
  readonly engineCallCount: number;
  /** Whether it closes: no connection is let in any more. */
  readonly isClosing: boolean;
}

/** A part of a command's way: `wait` for its turn, the app's `handle`, the engine's `decide`, the `fan-out` to the logs. */
export type CommandStep = 'wait' | 'handle' | 'decide' | 'fan-out';

/** What is known of a command as it arrives. What it says is not among it. */
export interface CommandAttributes {
  readonly kind: 'message' | 'binary' | 'skip';
  /** Whether it has a name of the delivery extension, and a receipt. */
  readonly isDurable: boolean;
}

/** A piece of time that an observer follows. */
export interface ObservedSpan {
  /** Runs what belongs to it, once, and returns what that returns. An observer sets its context around it. */
  within?<Result>(run: () => Result): Result;
  /** A part of it begins. */
  begin?(step: CommandStep): ObservedSpan | undefined;
  /** It is over. */
  end(outcome: CommandOutcome): void;
}

/**
 * Hears what a gateway does, as named facts, and follows commands on their way. Each method is optional, and none is ever
 * waited for. What one throws, or a promise of it rejects with, is reported once (`observer-failed`) and changes nothing.
 *
 * `record` is called for each message and each frame: keep it short. No user id, token, address or payload is handed to it.
 *
 * @example
 * const observer: GatewayObserver = { record: (fact, value, label) => statsd.increment(`gateway.${fact}.${label}`) };
 * createGateway({ …, observers: [observer] });
 */
export interface GatewayObserver {
  /** Called once, as the gateway begins. The figures are live: read them at any time. */
  attach?(figures: GatewayFigures): void;
  /**
   * A fact. `value` is how many, or how long in ms: see `GATEWAY_FACTS`. `label` is one of those that are listed there, and
   * empty where a fact has none.
   */
  record?(fact: GatewayFact, value: number, label: string): void;
  /** A command has arrived. The span that it returns ends when the command has its outcome. */
  command?(attributes: CommandAttributes): ObservedSpan | undefined;
}
