import type { Transport } from '../actors/transport.ts';
import type { ByteView } from '../lib/byte-view.ts';
import { isArrayBuffer } from '../lib/realms.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionSnapshot } from './connection.ts';
import type { Delivery } from './delivery-extension.ts';
import type { OutgoingFrame } from './outgoing-message.ts';
import type { SendResult } from './send-result.ts';

export interface SendingOptions {
  /** Checks a message and makes its frame. */
  readonly outgoing: (message: unknown) => OutgoingFrame | StatesocketError;
  readonly delivery: Pick<Delivery, 'queueOf'>;
  readonly transport: () => Transport | null;
  readonly status: () => ConnectionSnapshot['status'];
  /** Whether the connection lives; where it does not, the call is reported. */
  readonly alive: (call: string) => boolean;
  /** Another user was wished for, or none: what is said now is not for this one. */
  readonly isLeaving: () => boolean;
  /** Whose the connection is, to tell one from the next: the app's own code runs while a message is made and looked at. */
  readonly owner: () => unknown;
  readonly report: (error: StatesocketError) => void;
}

/** `send` and `sendBinary` of a connection: to the socket, to the outbox, or refused with a word. */
export const createSending = (options: SendingOptions) => {
  const { outgoing, delivery, alive, isLeaving, report } = options;

  const refuse = (error: StatesocketError): SendResult => {
    report(error);
    return 'refused';
  };
  const notOpen = (call: string, isLeft = isLeaving()): StatesocketError => {
    const status = options.status();
    const why = isLeft
      ? 'it is being left'
      : status === 'open'
        ? 'its socket is closing, and the next one is dialled soon'
        : `it is ${status}`;
    return new StatesocketError('not-connected', `${call}() needs an open connection; ${why}.`);
  };
  const write = (call: string, data: string | ArrayBuffer | ByteView): SendResult => {
    if (!alive(call)) return 'refused';
    const transport = options.transport();
    if (transport === null || !transport.writable || options.status() !== 'open')
      return refuse(notOpen(call));
    try {
      transport.send(data);
      return 'sent';
    } catch (cause) {
      return refuse(new StatesocketError('send-failed', 'The socket refused the frame.', { cause }));
    }
  };

  return {
    send(given: unknown): SendResult {
      const before = options.owner();
      const frame = outgoing(given);
      if (frame instanceof StatesocketError) return refuse(frame);
      const { message, data } = frame;
      // With a codec nothing is durable, and all frames are text otherwise.
      const queue = typeof data === 'string' ? delivery.queueOf(message) : null;
      if (options.owner() !== before) return alive('send') ? refuse(notOpen('send', true)) : 'refused';
      if (queue === null || typeof data !== 'string') return write('send', data);
      if (!alive('send')) return 'refused';
      return isLeaving() ? refuse(notOpen('send')) : queue(data);
    },
    sendBinary(data: ArrayBuffer | ByteView): SendResult {
      if (isArrayBuffer(data) || ArrayBuffer.isView(data)) return write('sendBinary', data);
      const what = 'sendBinary() needs an ArrayBuffer or a view of one.';
      return refuse(new StatesocketError('message-not-serialisable', what));
    },
  };
};
