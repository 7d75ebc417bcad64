import type { ByteView } from '../lib/byte-view.ts';
import { type Codec, encodeBy } from '../protocol/codec.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { type SendSchema, validateOutgoing } from '../protocol/schema.ts';

/** A message that may be sent, and its frame. */
export interface OutgoingFrame {
  /** What the `sends` schema has made of it; without one, what the app has given. */
  readonly message: WireMessage;
  /** Text, but where the app has a codec of its own. */
  readonly data: string | ArrayBuffer | ByteView;
}

const WHY = 'send() needs an object with a string `type` that JSON can hold';
const HOW = 'this one is circular, has a BigInt, or a getter or toJSON of it threw';

const encoded = (codec: Codec, message: WireMessage): OutgoingFrame | StatesocketError => {
  try {
    return { message, data: encodeBy(codec, message) };
  } catch (cause) {
    const what = 'The codec threw while it encoded a message, or returned neither text nor bytes.';
    return new StatesocketError('message-not-serialisable', what, { cause });
  }
};

/**
 * Makes frames of what the app sends: checked against the `sends` schema, then written as JSON or by the app's codec.
 * What cannot be sent comes back as the error to report. Does not throw.
 */
export const createOutgoing = (
  sends: SendSchema | undefined,
  noteAltered: (message: WireMessage, text: string) => void,
  codec?: Codec | undefined,
): ((message: unknown) => OutgoingFrame | StatesocketError) => {
  return (given) => {
    try {
      if (typeof (given as { type?: unknown } | null | undefined)?.type !== 'string') {
        return new StatesocketError('message-not-serialisable', `${WHY}.`);
      }
      const message =
        sends === undefined ? (given as WireMessage) : validateOutgoing(sends, given as WireMessage);
      if (message instanceof StatesocketError) return message;
      if (codec !== undefined) return encoded(codec, message);
      const text: unknown = JSON.stringify(message);
      // A toJSON may make anything of it, nothing at all included.
      if (typeof text !== 'string' || !text.startsWith('{')) {
        return new StatesocketError('message-not-serialisable', `${WHY}.`);
      }
      noteAltered(message, text);
      return { message, data: text };
    } catch (cause) {
      return new StatesocketError('message-not-serialisable', `${WHY}; ${HOW}.`, { cause });
    }
  };
};
