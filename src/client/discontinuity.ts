import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { isThenable } from '../lib/run-listener.ts';

/** Messages that this page has not had, and will not get. */
export interface Discontinuity {
  /** `first`: it has had none at all, and loads its state. `gap`: some are missing after those it has had. */
  readonly reason: 'first' | 'gap';
}

/** Loads the app's state anew. The promise resolves when that is done; a throw or a rejection means that it failed. */
export type DiscontinuityListener = (discontinuity: Discontinuity) => void | Promise<void>;

/** How a reload ended. */
export interface ReloadOutcome {
  done(): void;
  failed(cause: unknown): void;
}

/** Has the app load its state anew. */
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

/** See {@link createDiscontinuities}. */
export type Discontinuities = ReturnType<typeof createDiscontinuities>;
