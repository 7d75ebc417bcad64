import { createListenerList, type Unsubscribe } from './listener-list.ts';
import { runListener } from './run-listener.ts';

/** Something that can be read, and that tells when it has changed: an external store, as `useSyncExternalStore` takes it. */
export interface Readable<Value> {
  /** The same value until it changes. */
  readonly current: Value;
  /** Calls the listener, without arguments, after each change. */
  subscribe(listener: () => void): Unsubscribe;
  /** Changes the value and tells all; where it is the same object, nothing happens. */
  set(next: Value): void;
  /** Changes the value for the last time, and tells nobody. */
  end(last: Value): void;
}

/**
 * Keeps one value for its readers.
 *
 * @param onFault takes what a listener threw, or its promise rejected with. The others still run.
 */
export const createReadable = <Value>(initial: Value, onFault: (cause: unknown) => void): Readable<Value> => {
  const listeners = createListenerList<() => void>();
  const state = { current: initial, hasEnded: false };
  return {
    get current() {
      return state.current;
    },
    subscribe: listeners.add,
    set(next) {
      if (state.hasEnded || next === state.current) return;
      state.current = next;
      listeners.each((listener) => runListener(listener, onFault));
    },
    end(last) {
      state.hasEnded = true;
      state.current = last;
      listeners.clear();
    },
  };
};

/** Whether two objects have the same members. Shallow; both have the names of the first. */
export const hasSameMembers = <Value extends object>(a: Value, b: Value): boolean =>
  (Object.keys(a) as (keyof Value)[]).every((name) => a[name] === b[name]);
