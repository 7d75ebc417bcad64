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
export const createDiscontinuities = () => {
  const listeners = createListenerList<DiscontinuityListener>();
  let round = 0;
  return {
    onDiscontinuity: (listener: DiscontinuityListener): Unsubscribe => listeners.add(listener),
    get isHeard() {
      return listeners.size > 0;
    },
    /** Calls each listener; when all are done, or one failed, says so, once, unless it was called off. */
    announce(discontinuity: Discontinuity, outcome: ReloadOutcome): void {
      round += 1;
      const mine = round;
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
      Promise.all(promises).then(
        () => {
          if (mine === round) outcome.done();
        },
        (cause: unknown) => {
          if (mine === round) outcome.failed(cause);
        },
      );
    },
    /** What is under way does not matter any more. */
    callOff(): void {
      round += 1;
    },
    clear: listeners.clear,
  };
};
