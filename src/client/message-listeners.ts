import type { Transport } from '../actors/transport.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList, type ListenerList, type Slot } from '../lib/listener-list.ts';
import { isThenable } from '../lib/run-listener.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { mistake } from '../protocol/mistake.ts';
import { type MessageSchema, validateMessage } from '../protocol/schema.ts';
import { createErrorOnce, createErrorsPerType } from './errors-per-type.ts';

type Listener = (message: { type: string }) => unknown;

const NOBODY: readonly Slot<Listener>[] = [];

/** How long an ACK waits for the promises that listeners have returned, in ms. */
export const LISTENER_LIMIT_MS = 30_000;

/** Makes the error for listeners whose promise took longer than that. One for all: they would be as many as the messages. */
export const createUnsettledError = (): (() => StatesocketError) =>
  createErrorOnce(() => {
    const what = `A message listener's promise has not settled in ${LISTENER_LIMIT_MS / 1_000} s`;
    const then = 'Its message is acknowledged all the same. This is said once';
    return new StatesocketError('listener-failed', `${what}. ${then}.`);
  });

/** Listeners of a message have returned promises. */
export interface Unsettled {
  /** Whether none of them threw. */
  readonly ran: boolean;
  /** Resolves when all promises have settled. Does not reject: a rejection was reported by then. */
  readonly settled: Promise<void>;
}

/**
 * What became of a message.
 * - `ran`: its listeners ran. Not all of them, where the socket was abandoned on the way: the rest is not for this user.
 * - `failed`: they ran, and one of them threw each time it was called.
 * - `cut`: the socket was abandoned before any of them ran.
 * - an error: it does not fit the schema, or nobody listens. Nothing ran, and nothing was reported yet.
 * - promises: they ran, and some of them are not done.
 */
export type Outcome = 'ran' | 'failed' | 'cut' | StatesocketError | Unsettled;

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

const unheardType = (type: string): StatesocketError => {
  const what = `Unknown message type: ${type}. Nobody listens to it, so it is dropped; this is said once per type.`;
  return mistake(['unheard'], 'unknown-type', what);
};

const unforeseenType = (type: string): StatesocketError => {
  const what = `Unknown message type: ${type}. The messages schema does not know it, so it is dropped; this is said once per type.`;
  return mistake(['unforeseen'], 'unknown-type', what);
};

export const createMessageListeners = (
  schema: MessageSchema | undefined,
  report: (error: StatesocketError) => void,
): MessageListeners => {
  const everyMessage = createListenerList<Listener>();
  /** A type has an entry while somebody listens to it. */
  const byType = new Map<string, ListenerList<Listener>>();
  const unheard = createErrorsPerType(unheardType);
  const unforeseen = createErrorsPerType(unforeseenType);
  /** The promises of the message that is being dispatched. */
  let promises: PromiseLike<unknown>[] | null = null;

  const swapPromises = (next: typeof promises): typeof promises => {
    const former = promises;
    promises = next;
    return former;
  };
  const rejected = (cause: unknown): void => {
    const what = 'The promise of a message listener rejected. The message is not tried again.';
    report(new StatesocketError('listener-failed', what, { cause }));
  };
  const note = (answer: unknown): void => {
    if (!isThenable(answer)) return;
    promises ??= [];
    promises.push(Promise.resolve(answer).catch(rejected));
  };

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
        const answer = slot.listener?.(message);
        if (answer !== undefined) note(answer);
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
    if (list === undefined && everyMessage.size === 0) return unheard(transport.scrub(message.type));
    // A listener may cause the dispatch of another message within this one.
    const outer = swapPromises(null);
    // Both ends are taken before the first call: what a listener adds waits for the next message.
    const typed = list?.slots ?? NOBODY;
    const typedCount = typed.length;
    const all = everyMessage.slots;
    const allCount = all.length;
    const first = runAll(typed, typedCount, message, transport, tryCount);
    const second = runAll(all, allCount, message, transport, tryCount);
    const mine = swapPromises(outer);
    const outcome = first === 'failed' || second === 'cut' ? first : second;
    if (mine === null) return outcome;
    return { ran: outcome === 'ran', settled: Promise.all(mine).then(() => {}) };
  };

  return {
    call,
    offer(message, transport, tryCount) {
      if (schema === undefined) return call(message, transport, tryCount);
      const checked = validateMessage(schema, message, transport.scrub);
      if (!(checked instanceof StatesocketError)) return call(checked, transport, tryCount);
      return checked.code === 'unknown-type' ? unforeseen(transport.scrub(message.type)) : checked;
    },
    tell(message, transport) {
      const outer = swapPromises(null);
      const slots = byType.get(message.type)?.slots ?? NOBODY;
      runAll(slots, slots.length, message, transport, 1);
      swapPromises(outer);
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
