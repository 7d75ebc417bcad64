import type { Connection } from '../client/connection.ts';
import type { OutgoingMessage, WireMessage } from '../protocol/message.ts';

/**
 * Tells the hooks which messages the app's connection carries: `message` are those that come, `send` those that are sent. An app
 * augments it once, with both or one; without, messages are {@link WireMessage}: an object with a string `type` whose other
 * members are unknown, and any object with a string `type` is sent.
 *
 * @example
 * declare module 'statesocket/react' {
 *   interface Register {
 *     message: ServerMessage;
 *     send: ClientMessage;
 *   }
 * }
 */
export interface Register extends Record<never, never> {}

/** The message union of {@link Register}, or {@link WireMessage}. */
export type RegisteredMessage = Register extends { message: infer M extends { type: string } }
  ? M
  : WireMessage;

/** What {@link Register} says is sent, or {@link OutgoingMessage}. */
export type RegisteredSend = Register extends { send: infer S extends { readonly type: string } }
  ? S
  : OutgoingMessage;

/** The connection the hooks return. */
export type RegisteredConnection = Connection<RegisteredMessage, RegisteredSend>;

/**
 * A connection the provider takes: one whose messages fit {@link Register}, or any where nothing is registered. Taken
 * member by member, since a generic `Connection<A>` is never assignable to a `Connection<B>`.
 */
export type ProvidedConnection = Pick<RegisteredConnection, keyof RegisteredConnection>;
