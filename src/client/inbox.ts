import type { Transport } from '../actors/transport.ts';
import { bytesOf } from '../lib/realms.ts';
import { isClosing, readClosing } from '../protocol/closing.ts';
import { type Codec, decodeBy } from '../protocol/codec.ts';
import { type ErrorCode, StatesocketError } from '../protocol/errors.ts';
import { checkMessage, decodeFrame, malformed } from '../protocol/frame.ts';
import type { BinaryMessage, WireMessage } from '../protocol/message.ts';
import { beginDispatch, endDispatch } from './dispatch-turn.ts';
import { isPerType } from './errors-per-type.ts';
import type { MessageListeners } from './message-listeners.ts';

/** What to do with a message that cannot be used; `id`: the one it wants an ACK for. */
export type Complain = (error: StatesocketError, transport: Transport, id?: string | number) => void;

/** Takes one message after the other of a socket. Must not throw. */
export interface MessageReader {
  /** `complain` takes what is wrong with the message: of a batch it reports each code once. */
  take(message: WireMessage, transport: Transport, complain: Complain): void;
  /** All messages of a frame have been taken. */
  readonly frameTaken?: () => void;
}

/** Who takes what comes. Read again for each frame and each message, since a message may change it. */
export interface MessageRoute {
  readonly reader: MessageReader;
  /** Judges the first frame of a socket, decoded. True: that was all of it. Null: the first frame has come. */
  readonly judgeFirst: ((frame: unknown, transport: Transport) => boolean) | null;
}

export interface InboxOptions {
  readonly listeners: MessageListeners;
  readonly report: (error: StatesocketError) => void;
  /** Undefined: JSON. */
  readonly codec?: Codec | undefined;
}

/** A codec may make objects that are decoded as they are read, and throw then. */
const readMessage = (value: unknown, fault = malformed): WireMessage | StatesocketError => {
  try {
    return checkMessage(value, fault);
  } catch {
    return fault('its message throws when its type is read');
  }
};

/** From a frame to its messages: decode, take batches apart, hand on. Nothing in here throws. */
export const createInbox = ({
  listeners,
  report,
  codec,
}: InboxOptions): { receive(data: unknown, transport: Transport, route: MessageRoute): void } => {
  /** A frame that comes by itself and that nobody can use may be the reply to a ping: a sign of life, and no fault. */
  const complainUnlessAnswer: Complain = (error, transport, id) => {
    if (id !== undefined || !transport.takeAsReply()) report(error);
  };

  const takeClosing = (message: WireMessage, transport: Transport): void => {
    const closing = readClosing(message);
    if (closing instanceof StatesocketError) report(closing);
    else transport.announced(closing);
  };

  const take = (
    value: unknown,
    transport: Transport,
    route: MessageRoute,
    complain: Complain,
    fault = malformed,
  ): void => {
    const message = readMessage(value, fault);
    if (message instanceof StatesocketError) complain(message, transport);
    else if (isClosing(message)) takeClosing(message, transport);
    else route.reader.take(message, transport, complain);
  };

  /**
   * A frame can hold a hundred thousand broken members: it is reported once per code, with their number, and once for each
   * type that nobody knows (I15).
   */
  const takeBatch = (members: readonly unknown[], transport: Transport, route: MessageRoute): void => {
    const faults = new Map<ErrorCode | StatesocketError, { first: StatesocketError; count: number }>();
    const complain: Complain = (error) => {
      const kind = isPerType(error) ? error : error.code;
      const fault = faults.get(kind);
      if (fault === undefined) faults.set(kind, { first: error, count: 1 });
      else fault.count += 1;
    };
    const made = new Map<string, StatesocketError>();
    const fault: typeof malformed = (why) => {
      const error = made.get(why) ?? malformed(why);
      made.set(why, error);
      return error;
    };
    for (const member of members) {
      if (transport.gone) break;
      take(member, transport, route, complain, fault);
    }
    // What was applied is acknowledged, whatever the app does about the rest.
    route.reader.frameTaken?.();
    for (const { first, count } of faults.values()) {
      const { code, message, cause } = first;
      report(
        count === 1 || isPerType(first)
          ? first
          : new StatesocketError(code, `${message} (${count} such members in one batch)`, { cause }),
      );
    }
  };

  const takeBinary = (data: ArrayBuffer, transport: Transport): void => {
    const message: BinaryMessage = { type: 'binary', data };
    const outcome = listeners.call(message, transport, 1);
    if (outcome instanceof StatesocketError) complainUnlessAnswer(outcome, transport);
  };

  const takeText = (frame: unknown, transport: Transport, route: MessageRoute): void => {
    if (frame instanceof StatesocketError) complainUnlessAnswer(frame, transport);
    else if (Array.isArray(frame)) takeBatch(frame, transport, route);
    else {
      take(frame, transport, route, complainUnlessAnswer);
      route.reader.frameTaken?.();
    }
  };

  /** What the app's codec knows is no different from here on. What it does not is bytes for a listener, or no message. */
  const receiveBy = (
    own: Codec,
    data: string | ArrayBuffer,
    transport: Transport,
    route: MessageRoute,
  ): void => {
    const frame = decodeBy(own, data);
    if (frame !== undefined) takeText(frame, transport, route);
    else if (typeof data !== 'string') takeBinary(data, transport);
    else {
      const what = 'A frame was dropped: the codec returned undefined for its text.';
      complainUnlessAnswer(new StatesocketError('malformed-frame', what), transport);
    }
  };

  /** Takes a frame that is not JSON: as the app's codec reads it, or as bytes. */
  const takeOther = (data: unknown, transport: Transport, route: MessageRoute): void => {
    const whole = typeof data === 'string' ? data : bytesOf(data);
    if (whole !== null && codec !== undefined) receiveBy(codec, whole, transport, route);
    else if (whole !== null && typeof whole !== 'string') takeBinary(whole, transport);
    else {
      const what = 'A frame was dropped: it is neither text nor an ArrayBuffer.';
      report(new StatesocketError('malformed-frame', what));
    }
  };

  return {
    receive(data, transport, route) {
      const isJson = codec === undefined && typeof data === 'string';
      const frame = isJson ? decodeFrame(data) : data;
      // The first frame may be all that this socket is good for. A CLOSING does not say what the server speaks.
      const { judgeFirst } = route;
      if (judgeFirst !== null && !isClosing(frame) && (judgeFirst(frame, transport) || transport.gone))
        return;
      beginDispatch();
      try {
        if (isJson) takeText(frame, transport, route);
        else takeOther(data, transport, route);
      } finally {
        // What throws in it, as a console.warn of a test runner does, must not put off for ever what waits for the end.
        endDispatch();
      }
    },
  };
};
