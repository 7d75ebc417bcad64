import type { WireMessage } from '../protocol/message.ts';

/** One thing a client asks for. Its shape is checked no further than docs/protocol.md: validate it in `handle`. */
export type Command =
  | { readonly kind: 'message'; readonly message: WireMessage }
  | { readonly kind: 'binary'; readonly data: ArrayBuffer };

/** The ways to tell users something. `userIds` may name a user twice or one who is not there. */
export interface Publisher {
  /**
   * Durable: stores the message in the log of each user and resolves when all have it. Only then, and out of the log,
   * sockets get it, with the `id` that the log gave. The names `id`, `prev`, `clientId`, `n` and `key` at its top level
   * belong to the protocol and are left out.
   *
   * @throws {StatesocketError} `engine-failed` when a log could not take it; other users may have it already.
   *   `message-not-serialisable` when it is no JSON object with a usable `type`.
   */
  publish(userIds: readonly string[], message: WireMessage): Promise<void>;
  /**
   * Live only: to the sockets that are open now. Not stored and without an `id`; the same names are left out.
   *
   * @throws {StatesocketError} `message-not-serialisable`, as `publish`.
   */
  publishVolatile(userIds: readonly string[], message: WireMessage): void;
  /** Live only, as one binary frame. The bytes must not change afterwards. */
  publishBinary(userIds: readonly string[], data: ArrayBuffer | ArrayBufferView): void;
}

/** What `handle` gets beside the command. */
export interface CommandContext extends Publisher {
  /** Who sent the command, as `authenticate` answered. */
  readonly userId: string;
  /**
   * Answers on the socket that the command came from, and on no other; lost when it has closed. Sent as it is.
   *
   * @throws {StatesocketError} `message-not-serialisable`.
   */
  reply(message: WireMessage): void;
}
