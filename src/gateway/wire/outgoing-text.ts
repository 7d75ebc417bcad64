import { StatesocketError } from '../../protocol/errors.ts';
import { EXTENSION_NAME, EXTENSION_VERSION, type Receipt } from '../../protocol/extension.ts';
import { checkMessage, HEARTBEAT } from '../../protocol/frame.ts';
import type { WireMessage } from '../../protocol/message.ts';
import type { Entry } from '../engine/log.ts';
import { SharedFrame } from './shared-frame.ts';

/** A heartbeat that says nothing of the log: every one of plain mode, and the reply to PING. */
export const HEARTBEAT_TEXT = JSON.stringify({ type: HEARTBEAT });
/** The same for all who are sent no more than that. */
export const HEARTBEAT_FRAME = new SharedFrame(HEARTBEAT_TEXT);

/** The heartbeat of a log that was sent up to `last`, or has forked. */
export const heartbeatText = (last: string): string => JSON.stringify({ type: HEARTBEAT, last });

/** The first frame of every socket. */
export const welcomeText = (heartbeatMs: number, window: number): string =>
  JSON.stringify({ type: 'WELCOME', ext: EXTENSION_NAME, v: EXTENSION_VERSION, heartbeatMs, window });

/** The reply to RESUME. */
export const resumedText = (ok: boolean, last: string): string =>
  JSON.stringify({ type: 'RESUMED', ok, last });

/** Who is online, in one frame. */
export const presenceText = (online: readonly string[]): string =>
  JSON.stringify({ type: 'PRESENCE', online });

/** A change of one user's presence. */
export const presenceChangeText = (online: boolean, userId: string): string =>
  JSON.stringify({ type: online ? 'USER_ONLINE' : 'USER_OFFLINE', userId });

/** The receipt of the commands of one client. */
export const receiptText = (receipt: Omit<Receipt, 'type'>): string =>
  JSON.stringify({ type: 'RECEIPT', ...receipt });

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

/** The sender's own copy of a published text: with the key of their command. */
export const echoText = (text: string, key: string): string =>
  `{"key":${JSON.stringify(key)},${text.slice(1)}`;

/** A stored message as a plain client gets it: its text with its id in front. */
export const durableText = ({ id, text }: Entry): string => `{"id":${JSON.stringify(id)},${text.slice(1)}`;

/** A stored message as a client of the extension gets it: it names its predecessor, too. */
export const chainedText = ({ id, prev, text }: Entry): string =>
  `{"id":${JSON.stringify(id)},"prev":${JSON.stringify(prev)},${text.slice(1)}`;
