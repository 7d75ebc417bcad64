import type { Transport } from '../actors/socket.ts';
import { createListenerList, type ListenerList } from '../lib/listener-list.ts';
import { createRecentSet } from '../lib/recent-set.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import { type ErrorCode, StatesocketError } from '../protocol/errors.ts';
import { isWelcome } from '../protocol/extension.ts';
import { checkMessage, decodeFrame, HEARTBEAT } from '../protocol/frame.ts';
import { REMEMBERED_IDS_COUNT } from '../protocol/limits.ts';
import type { BinaryMessage, WireMessage } from '../protocol/message.ts';
import { type MessageSchema, unknownType, validateMessage } from '../protocol/schema.ts';
import type { Unsubscribe } from './connection.ts';

/** Names the id of a message, which is then acknowledged and dropped when it repeats. Undefined: no ACK, no dedupe. */
export type AckOf = (message: WireMessage) => string | number | undefined;

type Listener = (message: { type: string }) => void;
/** What to do with a message that cannot be used; `id`: the one it wants an ACK for. */
type Complain = (error: StatesocketError, transport: Transport, id?: string | number) => void;

const NOBODY: readonly Listener[] = [];

export interface InboxOptions {
  readonly schema: MessageSchema | undefined;
  /** False: no ACK and no dedupe. */
  readonly ack: AckOf | false;
  readonly report: (error: StatesocketError) => void;
}

/** From a frame to the listeners: decode, check, drop repeats, deliver, acknowledge. Nothing in here throws. */
export interface Inbox {
  receive(data: unknown, transport: Transport): void;
  on(type: string, listener: Listener): Unsubscribe;
  onMessage(listener: Listener): Unsubscribe;
  clear(): void;
}

export const createInbox = ({ schema, ack, report }: InboxOptions): Inbox => {
  const everyMessage = createListenerList<Listener>();
  const byType = new Map<string, ListenerList<Listener>>();
  const seen = createRecentSet<string | number>(REMEMBERED_IDS_COUNT);
  // What one user has seen says nothing about another.
  let seenBy: string | null = null;

  /** How many listeners ran. Fewer than all when the socket was abandoned on the way: the rest is not for this user any more. */
  const run = (listeners: readonly Listener[], message: { type: string }, transport: Transport): number => {
    let count = 0;
    for (const listener of listeners) {
      if (transport.gone) break;
      count += 1;
      try {
        listener(message);
      } catch (cause) {
        const what = 'A message listener threw. The others still ran.';
        report(new StatesocketError('listener-failed', what, { cause }));
      }
    }
    return count;
  };

  /** A frame that comes by itself and that nobody can use may be the answer to a ping: a sign of life, and no fault. */
  const complainUnlessAnswer: Complain = (error, transport, id) => {
    if (id !== undefined || !transport.mayBeAnswer()) report(error);
  };

  /** Whether any listener ran. */
  const deliver = (
    message: { type: string },
    transport: Transport,
    complain: Complain,
    id?: string | number,
  ): boolean => {
    const typed = byType.get(message.type)?.all ?? NOBODY;
    if (typed.length === 0 && everyMessage.all.length === 0) {
      complain(unknownType(transport.scrub(message.type)), transport, id);
      return false;
    }
    return run(typed, message, transport) + run(everyMessage.all, message, transport) > 0;
  };

  const idOf = (message: WireMessage): string | number | undefined => {
    if (ack === false) return undefined;
    try {
      const id: unknown = ack(message);
      if (typeof id === 'string' || Number.isFinite(id)) return id as string | number;
      if (typeof id === 'object') ignoreRejection(id);
      return undefined;
    } catch (cause) {
      report(
        new StatesocketError('ack-failed', 'The ack option threw. The message goes without an ACK.', {
          cause,
        }),
      );
      return undefined;
    }
  };

  const acknowledge = (messageId: string | number, transport: Transport): void => {
    if (!transport.writable) return;
    try {
      transport.send(`{"type":"ACK","messageId":${JSON.stringify(messageId)}}`);
    } catch (cause) {
      report(new StatesocketError('send-failed', 'The socket refused an ACK.', { cause }));
    }
  };

  const take = (value: unknown, transport: Transport, complain: Complain): void => {
    const message = checkMessage(value);
    if (message instanceof StatesocketError) {
      complain(message, transport);
      return;
    }
    if (message.type === HEARTBEAT) {
      transport.heartbeat();
      return;
    }
    if (isWelcome(message)) {
      // The delivery extension is not spoken here yet; a server that offers it is told so by any other frame, at once.
      if (transport.writable) transport.send('{"type":"PING"}');
      return;
    }
    const id = idOf(message);
    if (id !== undefined && seen.has(id)) {
      acknowledge(id, transport);
      return;
    }
    const checked = schema === undefined ? message : validateMessage(schema, message, transport.scrub);
    if (checked instanceof StatesocketError) {
      complain(checked, transport, id);
      return;
    }
    if (!deliver(checked, transport, complain, id) || id === undefined) return;
    // Remembered even if it was cut short: what ran must not run again when the same user gets it once more (I4).
    seen.add(id);
    acknowledge(id, transport);
  };

  /** A frame can hold a hundred thousand broken members: it is reported once per code, with their number (I15). */
  const takeBatch = (members: readonly unknown[], transport: Transport): void => {
    const faults = new Map<ErrorCode, { first: StatesocketError; count: number }>();
    const complain: Complain = (error) => {
      const fault = faults.get(error.code);
      if (fault === undefined) faults.set(error.code, { first: error, count: 1 });
      else fault.count += 1;
    };
    for (const member of members) {
      if (transport.gone) break;
      take(member, transport, complain);
    }
    for (const [code, { first, count }] of faults) {
      report(
        count === 1
          ? first
          : new StatesocketError(code, `${first.message} (${count} such members in one batch)`),
      );
    }
  };

  const takeText = (text: string, transport: Transport): void => {
    const frame = decodeFrame(text);
    if (frame instanceof StatesocketError) complainUnlessAnswer(frame, transport);
    else if (Array.isArray(frame)) takeBatch(frame, transport);
    else take(frame, transport, complainUnlessAnswer);
  };

  return {
    receive(data, transport) {
      if (transport.userId !== seenBy) {
        seenBy = transport.userId;
        seen.clear();
      }
      if (typeof data === 'string') {
        takeText(data, transport);
      } else if (data instanceof ArrayBuffer) {
        const message: BinaryMessage = { type: 'binary', data };
        deliver(message, transport, complainUnlessAnswer);
      } else {
        report(
          new StatesocketError(
            'malformed-frame',
            'A frame was dropped: it is neither text nor an ArrayBuffer.',
          ),
        );
      }
    },
    on(type, listener) {
      let listeners = byType.get(type);
      if (listeners === undefined) {
        listeners = createListenerList();
        byType.set(type, listeners);
      }
      return listeners.add(listener);
    },
    onMessage: everyMessage.add,
    clear() {
      everyMessage.clear();
      byType.clear();
      seen.clear();
    },
  };
};
