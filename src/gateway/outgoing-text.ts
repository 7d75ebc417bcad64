import { StatesocketError } from '../protocol/errors.ts';
import { checkMessage, HEARTBEAT } from '../protocol/frame.ts';
import type { WireMessage } from '../protocol/message.ts';

/** The frame of every heartbeat, and the answer to PING. */
export const HEARTBEAT_TEXT = JSON.stringify({ type: HEARTBEAT });

/** Names at the top level of a message that belong to the protocol. `clientId`, `n` and `key` are a sender's own affair. */
const PROTOCOL_NAMES = new Set(['id', 'prev', 'clientId', 'n', 'key']);

const unusable = (cause: unknown): StatesocketError =>
  new StatesocketError('message-not-serialisable', 'A message must be a JSON object with a usable type.', {
    cause,
  });

const stringify = (value: unknown): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw unusable(cause); // a cycle, a BigInt or a throwing getter
  }
  // Anything else is no object's text: the message brought a toJSON of its own.
  if (text?.startsWith('{"')) return text;
  throw unusable(undefined);
};

const checked = (value: unknown): WireMessage => {
  const message = checkMessage(value);
  if (message instanceof StatesocketError) throw unusable(message);
  return message;
};

/**
 * The text of a message to one socket, with every name it has.
 *
 * @throws {StatesocketError} `message-not-serialisable`.
 */
export const replyText = (message: WireMessage): string => stringify(checked(message));

/**
 * The text of a message to other users: without the protocol's names, so that nothing of a sender's bookkeeping reaches
 * them (I14).
 *
 * @throws {StatesocketError} `message-not-serialisable`.
 */
export const publishedText = (message: WireMessage): string =>
  stringify(
    Object.fromEntries(Object.entries(checked(message)).filter(([name]) => !PROTOCOL_NAMES.has(name))),
  );

/** The frame of a stored message: its text with its id in front. */
export const durableText = (id: string, text: string): string =>
  `{"id":${JSON.stringify(id)},${text.slice(1)}`;
