import type { BridgeGuard } from '../bridge/bridge-guard.ts';
import { MAX_WAITING_COUNT } from '../bridge/bridge-options.ts';
import type { Dispatchable } from './redux-map.ts';

/**
 * Redux refuses a dispatch from within a reducer, before it has done anything. In production it says so by a number.
 * Source: redux 5, createStore.ts, "Reducers may not dispatch actions".
 */
const saysBusy = (cause: unknown): boolean =>
  /Reducers may not dispatch actions|Redux error #9\b/.test(String((cause as Error | undefined)?.message));

/** How often a store that is busy is tried again. */
const MAX_TRIES = 10;

/** What became of an action: it was taken, it waits for the store, or the store threw. */
export type Dispatched = 'taken' | 'waits' | 'failed';

/**
 * Dispatches so that a store that runs a reducer at the moment, as where a reducer calls `logout()`, gets the action right
 * after it, in a microtask and in order. What a reducer or a middleware throws is reported, and the action is not tried again.
 */
export const createSteadyDispatch = (
  dispatch: (action: never) => unknown,
  guard: BridgeGuard,
): ((action: Dispatchable) => Dispatched) => {
  const waiting: Dispatchable[] = [];
  let tries = 0;

  const take = (action: Dispatchable): Dispatched => {
    const outcome = guard('Dispatching to the store', (): Dispatched => {
      try {
        dispatch(action as never);
        return 'taken';
      } catch (cause) {
        if (saysBusy(cause) && tries < MAX_TRIES && waiting.length < MAX_WAITING_COUNT) return 'waits';
        throw cause;
      }
    });
    return outcome ?? 'failed';
  };

  const catchUp = (): void => {
    tries += 1;
    const actions = waiting.splice(0);
    const at = actions.findIndex((action) => take(action) === 'waits');
    if (at === -1) {
      tries = 0;
      return;
    }
    waiting.unshift(...actions.slice(at));
    queueMicrotask(catchUp);
  };

  return (action) => {
    if (waiting.length > 0 && waiting.length < MAX_WAITING_COUNT) {
      waiting.push(action);
      return 'waits';
    }
    const outcome = take(action);
    if (outcome !== 'waits') return outcome;
    waiting.push(action);
    queueMicrotask(catchUp);
    return outcome;
  };
};
