import type { Discontinuity, DiscontinuityListener } from '../client/delivery-view.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { isThenable } from '../lib/run-listener.ts';

/** How a reload ended. */
export interface ReloadOutcome {
  done(): void;
  failed(cause: unknown): void;
}

/** Has the app load its state again. */
export type Discontinuities = ReturnType<typeof createDiscontinuities>;

export const createDiscontinuities = () => {
  const listeners = createListenerList<DiscontinuityListener>();
  return {
    onDiscontinuity: (listener: DiscontinuityListener): Unsubscribe => listeners.add(listener),
    get isHeard() {
      return listeners.size > 0;
    },
    /** Calls each listener; when all are done, or one failed, says so, once. */
    announce(discontinuity: Discontinuity, outcome: ReloadOutcome): void {
      const promises: PromiseLike<unknown>[] = [];
      listeners.each((listener) => {
        try {
          const answer: unknown = listener(discontinuity);
          if (isThenable(answer)) promises.push(answer);
        } catch (cause) {
          promises.push(Promise.reject(cause));
        }
      });
      if (promises.length === 0) {
        outcome.done();
        return;
      }
      Promise.all(promises).then(outcome.done, outcome.failed);
    },
    clear: listeners.clear,
  };
};
