import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import type { StatesocketError } from '../protocol/errors.ts';

/** The one way errors leave a connection. */
export interface ErrorChannel {
  report(error: StatesocketError): void;
  onError(listener: (error: StatesocketError) => void): Unsubscribe;
}

/**
 * Errors go to every listener; with no listener, to `console.warn`, so that none is silent. A listener that throws
 * cannot be reported to the channel it broke: its error goes to `console.warn`, and the others still run.
 */
export const createErrorChannel = (): ErrorChannel => {
  const listeners = createListenerList<(error: StatesocketError) => void>();
  return {
    report(error) {
      if (listeners.all.length === 0) console.warn(`statesocket: ${error.code}: ${error.message}`);
      for (const listener of listeners.all) {
        try {
          listener(error);
        } catch (cause) {
          console.warn('statesocket: an onError listener threw', cause);
        }
      }
    },
    onError: listeners.add,
  };
};
