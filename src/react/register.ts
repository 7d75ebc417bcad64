import type { Connection } from '../client/connection.ts';
import type { WireMessage } from '../protocol/message.ts';

/**
 * Tells the hooks which messages the app's connection carries. An app augments it once; without, messages are
 * {@link WireMessage}: an object with a string `type` whose other members are unknown.
 *
 * @example
 * declare module 'statesocket/react' {
 *   interface Register {
 *     message: ServerMessage;
 *   }
 * }
 */
export interface Register extends Record<never, never> {}

/** The message union of {@link Register}, or {@link WireMessage}. */
export type RegisteredMessage = Register extends { message: infer M extends { type: string } }
  ? M
  : WireMessage;

/** The connection the hooks answer. */
export type RegisteredConnection = Connection<RegisteredMessage>;

/**
 * A connection the provider takes: one whose messages fit {@link Register}, or any where nothing is registered. Taken
 * member by member, since a generic `Connection<A>` is never assignable to a `Connection<B>`.
 */
export type ProvidedConnection = Pick<RegisteredConnection, keyof RegisteredConnection>;
