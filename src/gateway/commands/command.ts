import type { CommandName } from '../../protocol/extension.ts';
import type { WireMessage } from '../../protocol/message.ts';
import type { Origin } from '../engine/decisions.ts';

/** One thing a client asks for. Its shape is checked no further than docs/protocol.md: validate it in `handle`. */
export type Command =
  | {
      readonly kind: 'message';
      /** As the client's app sent it. A durable command comes without `clientId`, `n` and `key`: see `context.key`. */
      readonly message: WireMessage;
    }
  | { readonly kind: 'binary'; readonly data: ArrayBuffer };

/** A command that waits for its turn. */
export interface QueuedCommand {
  /** The name of a durable command; null for one of plain mode. */
  readonly name: CommandName | null;
  /** Null: a SKIP, which is decided without the app. */
  readonly command: Command | null;
}

/** No command: what a crash left partially fanned out of this user's commands is told, whichever page sent them. */
export const RECOVERY: QueuedCommand = { name: null, command: null };

/** The ways to tell users something at once. `userIds` may name a user twice or one who is not there. */
export interface Publisher {
  /**
   * Durable: stores the message in the log of each user and resolves when all have it. Only then, and out of the log,
   * sockets get it, with the `id` that the log gave. The names `id`, `prev`, `clientId`, `n` and `key` at its top level
   * belong to the protocol and are left out.
   *
   * Two calls reach each user in their order, also where the first is not awaited. One to many users does not hold the event
   * loop: it shares it with the commands of users, half and half (docs/decisions/fairness.md).
   *
   * With an origin, a row of an outbox of yours, each user gets it once however often it is published. So after a
   * failure, or a crash, publish the row again.
   *
   * @throws {StatesocketError} `engine-failed` when a log could not take it; other users may have it already.
   *   `message-not-serialisable` when it is no JSON object with a usable `type`. `bad-option` for an unusable origin.
   * @example
   * await gateway.publish(members, { type: 'GROUP_UPDATED', groupId }, { outbox: 'announcements', row: 17 });
   */
  publish(userIds: readonly string[], message: WireMessage, origin?: Origin): Promise<void>;
  /**
   * Live only: to the sockets that are open now. Not stored and without an `id`; the same names are left out. A socket
   * that is not ready for it does without. On a busy gateway, or to many sockets, it goes out when it is its turn: after
   * what was published live before it, on every socket.
   *
   * @throws {StatesocketError} `message-not-serialisable`, as `publish`.
   */
  publishVolatile(userIds: readonly string[], message: WireMessage): void;
  /** Live only, as one binary frame. The bytes must not change afterwards. */
  publishBinary(userIds: readonly string[], data: ArrayBuffer | ArrayBufferView): void;
}

/**
 * What `handle` gets beside the command. What it tells users is collected, and carried out when `handle` has returned:
 * first what is durable, then the rest. Nothing is when it throws, and nothing that it says afterwards.
 *
 * A durable command may be handled twice, after a crash or on two sockets, and then one of the two outcomes counts. So what
 * `handle` writes elsewhere must be unique by {@link key}.
 */
export interface CommandContext {
  /** Who sent the command, as `authenticate` resolved. */
  readonly userId: string;
  /** The socket it came on, by a number that this gateway gave it: for lines of a log that belong together. */
  readonly connectionId: string;
  /** The idempotency key of a durable command; null for one that is sent once and not repeated. */
  readonly key: string | null;
  /**
   * Durable: stores the message in the log of each user, for a durable command exactly once. The names `id`, `prev`,
   * `clientId`, `n` and `key` at its top level are left out; the sender's own copy carries the command's `key`.
   *
   * An origin makes it once per row where the command has no key of its own: see `Publisher.publish`.
   *
   * @throws {StatesocketError} `message-not-serialisable`, `bad-option`, as `Publisher.publish`.
   */
  publish(userIds: readonly string[], message: WireMessage, origin?: Origin): void;
  /** Live only; see `Publisher.publishVolatile`. */
  publishVolatile(userIds: readonly string[], message: WireMessage): void;
  /** Live only, as one binary frame. The bytes must not change afterwards. */
  publishBinary(userIds: readonly string[], data: ArrayBuffer | ArrayBufferView): void;
  /**
   * Replies on the socket that the command came from, and on no other; lost when it has closed. Sent as it is.
   *
   * @throws {StatesocketError} `message-not-serialisable`.
   */
  reply(message: WireMessage): void;
  /**
   * The command has no effect, and that is no fault: nothing durable is published, and the sender of a durable command is
   * told the code. The sender of another command learns it by `reply` only.
   *
   * @param code A word for programs, of 1 to 128 characters.
   * @throws {StatesocketError} `bad-option` for another code.
   */
  reject(code: string): void;
}

/** The app's one handler of commands. */
export type HandleCommand = (command: Command, context: CommandContext) => void | Promise<void>;
