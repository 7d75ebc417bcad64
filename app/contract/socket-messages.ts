/** RednGift's messages on the socket `/connect/{ticket}/`, both ways. docs/protocol.md describes the frames. */
import * as v from 'valibot';
import { ChatMessage, Invitation } from './http-api.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
/** The position in the user's inbox that the gateway adds to durable messages; the client replies to it with an ACK. */
const position = v.string();

/** What the gateway sends. The first four are durable and carry an `id`; the rest are live only. */
export const ServerMessage = v.variant('type', [
  v.object({ type: v.literal('NEW_MESSAGE'), id: position, payload: ChatMessage, sender: v.string() }),
  v.object({ type: v.literal('GROUP_UPDATED'), id: position, groupId: id }),
  v.object({ type: v.literal('INVITATION_RECEIVED'), id: position, invitation: Invitation }),
  v.object({ type: v.literal('RAFFLE_COMPLETE'), id: position, groupId: id, groupName: v.string() }),
  v.object({ type: v.literal('TYPING'), conversationId: id }),
  v.object({ type: v.literal('USER_ONLINE'), userId: id }),
  v.object({ type: v.literal('USER_OFFLINE'), userId: id }),
  /** A command was not carried out. `key` is that of the command, where it had one. */
  v.object({ type: v.literal('COMMAND_REJECTED'), key: v.nullable(v.string()), reason: v.string() }),
]);

/**
 * What is said, as it can be kept: SQLite ends a text at U+0000, and has no half of a surrogate pair. Without the first,
 * which shows nothing, and with U+FFFD for the other.
 */
const said = v.pipe(
  v.string(),
  v.transform((text) => text.replaceAll('\0', '').replaceAll(/\p{Cs}/gu, '\ufffd')),
  v.trim(),
  v.minLength(1),
  v.maxLength(4_000),
);

/** What the client sends, besides ACK, which statesocket sends by itself. */
export const ClientCommand = v.variant('type', [
  v.object({
    type: v.literal('SEND_MESSAGE'),
    conversationId: id,
    text: said,
    /** The idempotency key: the same key twice makes one message. A durable command has it in its name; one without is said once. */
    key: v.optional(v.pipe(v.string(), v.uuid())),
  }),
  v.object({ type: v.literal('TYPING'), conversationId: id }),
]);

export type ServerMessage = v.InferOutput<typeof ServerMessage>;
export type ClientCommand = v.InferOutput<typeof ClientCommand>;
/** What the client hands over, before the schema trims it. */
export type OutgoingCommand = v.InferInput<typeof ClientCommand>;
