import type { Transport } from '../actors/transport.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { runListener } from '../lib/run-listener.ts';
import { StatesocketError } from '../protocol/errors.ts';

/** The listeners of `connection.onOpen`. Nothing in here throws. */
export interface OpenListeners {
  onOpen(listener: () => unknown): Unsubscribe;
  /** The chart says that this socket is open, and subscribers were told. Null: it is of a user who has been left. */
  opened(transport: Transport | null): void;
  clear(): void;
}

/**
 * Tells of each socket that has opened, once: when the chart says that it is open and not when the platform does, so that
 * a listener can send. The rest of a socket that one of them has ended hears nothing more.
 */
export const createOpenListeners = (report: (error: StatesocketError) => void): OpenListeners => {
  const listeners = createListenerList<() => unknown>();
  const failed = (cause: unknown): void => {
    const what = 'An onOpen listener threw or rejected. The others still ran.';
    report(new StatesocketError('listener-failed', what, { cause }));
  };
  return {
    onOpen: listeners.add,
    opened(transport) {
      listeners.each((listener) => {
        if (transport?.gone === false) runListener(listener, failed);
      });
    },
    clear: listeners.clear,
  };
};
