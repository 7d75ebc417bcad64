import { StatesocketError } from '../protocol/errors.ts';
import { checkMessage, HEARTBEAT } from '../protocol/frame.ts';
import type { WireMessage } from '../protocol/message.ts';

/** The frame of every heartbeat, and the answer to PING. */
export const HEARTBEAT_TEXT = JSON.stringify({ type: HEARTBEAT });

/** Names at the top level of a message that belong to the protocol. `clientId`, `n` and `key` are a sender's own affair. */
const PROTOCOL_NAMES = new Set(['id', 'prev', 'clientId', 'n', 'key']);

/**
 * The text of a message to one socket, with every name it has.
 *
 * @throws {StatesocketError} `message-not-serialisable`.
 */
export const replyText = (message: WireMessage): string => {
  let text: string | undefined;
  let cause: unknown = checkMessage(message);
  try {
    if (!(cause instanceof StatesocketError)) text = JSON.stringify(message);
  } catch (thrown) {
    cause = thrown; // a cycle, a BigInt or a throwing getter
  }
  // Not an object's text: the message brought a toJSON of its own.
  if (text?.startsWith('{"')) return text;
  throw new StatesocketError(
    'message-not-serialisable',
    'A message must be a JSON object with a usable type.',
    { cause },
  );
};

/**
 * The text of a message to other users: without the protocol's names, so that nothing of a sender's bookkeeping reaches
 * them (I14).
 *
 * @throws {StatesocketError} `message-not-serialisable`.
 */
export const publishedText = (message: WireMessage): string =>
  replyText({
    ...Object.fromEntries(Object.entries(message).filter(([name]) => !PROTOCOL_NAMES.has(name))),
    type: message.type,
  });

/** The frame of a stored message: its text with its id in front. */
export const durableText = (id: string, text: string): string =>
  `{"id":${JSON.stringify(id)},${text.slice(1)}`;
