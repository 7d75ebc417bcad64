import type { Transport } from '../actors/socket.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList, type ListenerList } from '../lib/listener-list.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { type MessageSchema, unknownType, validateMessage } from '../protocol/schema.ts';

type Listener = (message: { type: string }) => void;

const NOBODY: readonly Listener[] = [];

/**
 * What became of a message.
 * - `ran`: its listeners ran. Not all of them, where the socket was abandoned on the way: the rest is not for this user.
 * - `failed`: they ran, and one of them threw each time it was called.
 * - `cut`: the socket was abandoned before any of them ran.
 * - an error: it does not fit the schema, or nobody listens. Nothing ran, and nothing was reported yet.
 */
export type Outcome = 'ran' | 'failed' | 'cut' | StatesocketError;

/** The listeners of a connection. Nothing in here throws. */
export interface MessageListeners {
  /** Checks a message against the schema and calls the listeners of its type, then those of every message. */
  offer(message: WireMessage, transport: Transport, tryCount: number): Outcome;
  /** The same for a message of the protocol or a binary one, which no schema knows. */
  call(message: { type: string }, transport: Transport, tryCount: number): Outcome;
  /** Calls the listeners of its type, if there are any. */
  tell(message: { type: string }, transport: Transport): void;
  on(type: string, listener: Listener): Unsubscribe;
  onMessage(listener: Listener): Unsubscribe;
  clear(): void;
}

export const createMessageListeners = (
  schema: MessageSchema | undefined,
  report: (error: StatesocketError) => void,
): MessageListeners => {
  const everyMessage = createListenerList<Listener>();
  const byType = new Map<string, ListenerList<Listener>>();

  /** Whether the listener ran to its end. One that throws is called again, `tryCount` times in all. */
  const ran = (
    listener: Listener,
    message: { type: string },
    transport: Transport,
    tryCount: number,
  ): boolean => {
    for (let tries = 1; tries <= tryCount && !(tries > 1 && transport.gone); tries += 1) {
      try {
        listener(message);
        return true;
      } catch (cause) {
        if (tries > 1) continue;
        const what = 'A message listener threw. The others still ran.';
        report(new StatesocketError('listener-failed', what, { cause }));
      }
    }
    return false;
  };

  const runAll = (
    listeners: readonly Listener[],
    message: { type: string },
    transport: Transport,
    tryCount: number,
  ): 'ran' | 'failed' | 'cut' => {
    let outcome: 'ran' | 'failed' | 'cut' = 'cut';
    for (const listener of listeners) {
      if (transport.gone) break;
      if (!ran(listener, message, transport, tryCount)) outcome = 'failed';
      else if (outcome === 'cut') outcome = 'ran';
    }
    return outcome;
  };

  const call: MessageListeners['call'] = (message, transport, tryCount) => {
    const typed = byType.get(message.type)?.all ?? NOBODY;
    const all = everyMessage.all;
    if (typed.length === 0 && all.length === 0) return unknownType(transport.scrub(message.type));
    const first = runAll(typed, message, transport, tryCount);
    const second = runAll(all, message, transport, tryCount);
    if (first === 'failed' || second === 'cut') return first;
    return second;
  };

  return {
    call,
    offer(message, transport, tryCount) {
      if (schema === undefined) return call(message, transport, tryCount);
      const checked = validateMessage(schema, message, transport.scrub);
      return checked instanceof StatesocketError ? checked : call(checked, transport, tryCount);
    },
    tell: (message, transport) => void runAll(byType.get(message.type)?.all ?? NOBODY, message, transport, 1),
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
    },
  };
};
