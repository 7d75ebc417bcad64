import type { Transport } from '../actors/socket.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList, type ListenerList, type Slot } from '../lib/listener-list.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { type MessageSchema, unknownType, validateMessage } from '../protocol/schema.ts';

type Listener = (message: { type: string }) => unknown;

const NOBODY: readonly Slot<Listener>[] = [];

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
  /** A type has an entry while somebody listens to it. */
  const byType = new Map<string, ListenerList<Listener>>();

  /** Whether the listener ran to its end. One that throws is called again, `tryCount` times in all. */
  const ran = (
    slot: Slot<Listener>,
    message: { type: string },
    transport: Transport,
    tryCount: number,
  ): boolean => {
    for (let tries = 1; tries <= tryCount; tries += 1) {
      if (tries > 1 && (transport.gone || slot.listener === null)) return false;
      try {
        slot.listener?.(message);
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
    slots: readonly Slot<Listener>[],
    count: number,
    message: { type: string },
    transport: Transport,
    tryCount: number,
  ): 'ran' | 'failed' | 'cut' => {
    let outcome: 'ran' | 'failed' | 'cut' = 'cut';
    for (let index = 0; index < count; index += 1) {
      if (transport.gone) break;
      const slot = slots[index];
      if (slot === undefined || slot.listener === null) continue;
      if (!ran(slot, message, transport, tryCount)) outcome = 'failed';
      else if (outcome === 'cut') outcome = 'ran';
    }
    return outcome;
  };

  const call: MessageListeners['call'] = (message, transport, tryCount) => {
    const list = byType.get(message.type);
    if (list === undefined && everyMessage.size === 0) return unknownType(transport.scrub(message.type));
    // Both ends are taken before the first call: what a listener adds waits for the next message.
    const typed = list?.slots ?? NOBODY;
    const typedCount = typed.length;
    const all = everyMessage.slots;
    const allCount = all.length;
    const first = runAll(typed, typedCount, message, transport, tryCount);
    const second = runAll(all, allCount, message, transport, tryCount);
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
    tell(message, transport) {
      const slots = byType.get(message.type)?.slots ?? NOBODY;
      runAll(slots, slots.length, message, transport, 1);
    },
    on(type, listener) {
      const list = byType.get(type) ?? createListenerList<Listener>();
      byType.set(type, list);
      const remove = list.add(listener);
      return () => {
        remove();
        if (list.size === 0 && byType.get(type) === list) byType.delete(type);
      };
    },
    onMessage: everyMessage.add,
    clear() {
      everyMessage.clear();
      for (const list of byType.values()) list.clear();
      byType.clear();
    },
  };
};
