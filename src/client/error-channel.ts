import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { runListener } from '../lib/run-listener.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { isPerType } from './errors-per-type.ts';
import { tellCure } from './tell-cure.ts';

/** The one way errors leave a connection. */
export interface ErrorChannel {
  report(error: StatesocketError): void;
  onError(listener: (error: StatesocketError) => unknown): Unsubscribe;
  /** The connection is made: from now on somebody can listen. For a channel that waits. */
  begins(): void;
}

/** How many errors the listeners of one error may cause, and have told, before the rest is dropped. */
const MAX_CAUSED_COUNT = 16;

const listenerFailed = (cause: unknown): void =>
  console.warn('statesocket: an onError listener threw or rejected', cause);

/**
 * Errors go to every listener; with no listener, to `console.warn`, so that none is silent. A listener that throws
 * cannot be reported to the channel it broke: its error goes to `console.warn`, and the others still run.
 *
 * An error that stands for all messages of its type is told once. What to write instead completes the message a moment later.
 *
 * What a listener itself causes, as by a `send` that is refused, is told when all listeners have had the error before it:
 * one that sends on each error does not call itself. The first 16 of such errors are told.
 *
 * With `waits`, what is reported before anybody can listen is kept for the first listener, until the turn ends in which
 * `begins()` is called. The channel of an adapter has its listener from the start and does not wait.
 */
export const createErrorChannel = ({ waits = false } = {}): ErrorChannel => {
  const listeners = createListenerList<(error: StatesocketError) => unknown>();
  /** A turn of the listeners: what is to be told, and how much they have caused; null: none of them runs. */
  let turn: { readonly queue: StatesocketError[]; causedCount: number } | null = null;
  const toldPerType = new WeakSet<StatesocketError>();
  /** What was reported while the connection was made. */
  const early: StatesocketError[] = [];

  const tell = (error: StatesocketError): void => {
    const isHeard = listeners.size > 0;
    if (isHeard) listeners.each((listener) => runListener(() => listener(error), listenerFailed));
    else console.warn(`statesocket: ${error.code}: ${error.message}`);
    tellCure(error, isHeard);
  };

  const report = (error: StatesocketError): void => {
    if (turn !== null) {
      turn.causedCount += 1;
      if (turn.causedCount <= MAX_CAUSED_COUNT) turn.queue.push(error);
      return;
    }
    const mine = { queue: [error], causedCount: 0 };
    const { queue } = mine;
    turn = mine;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) tell(next);
    } finally {
      // A console.warn that throws, as a test runner's, must not silence what comes later.
      turn = null;
    }
    const { causedCount } = mine;
    if (causedCount > MAX_CAUSED_COUNT) {
      const what = `onError listeners cause errors themselves: ${causedCount - MAX_CAUSED_COUNT} of ${causedCount}`;
      console.warn(`statesocket: ${what} were not told. The first was ${error.code}.`);
    }
  };
  /** What becomes of an error: kept until the connection is made, told from then on. */
  let takes: (error: StatesocketError) => void = waits ? (error) => void early.push(error) : report;
  const reportEarly = (): void => {
    for (const error of early.splice(0)) report(error);
  };

  return {
    report(error) {
      if (toldPerType.has(error)) return;
      if (isPerType(error)) toldPerType.add(error);
      takes(error);
    },
    onError(listener) {
      const unsubscribe = listeners.add(listener);
      reportEarly();
      return unsubscribe;
    },
    begins() {
      takes = report;
      if (early.length > 0) queueMicrotask(reportEarly);
    },
  };
};
