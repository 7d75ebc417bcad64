/**
 * One message as it travels in a JSON text frame: an object with a string `type`.
 * The top-level names `id`, `prev`, `clientId`, `n` and `key` belong to the protocol (docs/protocol.md).
 */
export interface WireMessage {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** What `send` takes where the app has not said what it sends: any object with a string `type`. */
export type OutgoingMessage = { readonly type: string } | WireMessage;

/** How a binary frame reaches listeners. JSON text with this type is malformed, so the two cannot be confused. */
export interface BinaryMessage {
  readonly type: 'binary';
  /** The bytes of the frame, untouched. */
  readonly data: ArrayBuffer;
}

/** The reply to a message with an id, sent after its listeners have run. */
export interface AckMessage {
  readonly type: 'ACK';
  /** The id as it came: a number stays a number. */
  readonly messageId: string | number;
}
