/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

/**
 * Listeners in the order they were added. The array is replaced on each change, never altered: a loop over `all` sees
 * the listeners of the moment it began, whatever they add or remove.
 */
export interface ListenerList<L> {
  readonly all: readonly L[];
  /** Adds a listener and returns its removal. The same function added twice is called twice. */
  add(listener: L): Unsubscribe;
  clear(): void;
}

export const createListenerList = <L>(): ListenerList<L> => {
  let all: readonly { readonly listener: L }[] = [];
  let plain: readonly L[] = [];
  const replace = (entries: typeof all) => {
    all = entries;
    plain = entries.map((entry) => entry.listener);
  };
  return {
    get all() {
      return plain;
    },
    add(listener) {
      const entry = { listener };
      replace([...all, entry]);
      return () => replace(all.filter((other) => other !== entry));
    },
    clear: () => replace([]),
  };
};
