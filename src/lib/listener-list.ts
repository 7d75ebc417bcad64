/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** One subscription. Its listener is null from its removal on. */
export interface Slot<L> {
  readonly listener: L | null;
}

/**
 * Listeners in the order they were added, by the rule of EventTarget: one that is removed during a dispatch is not
 * called any more, one that is added waits for the next. Adding and removing cost the same however many there are.
 *
 * Source: DOM Standard, "inner invoke" and the `removed` field of an event listener.
 */
export interface ListenerList<L> {
  readonly size: number;
  /**
   * For a dispatch that is more than {@link ListenerList.each}: take it and its length before the first call, and read
   * each listener only when its turn comes. What is added meanwhile may stand behind that length, never before it.
   */
  readonly slots: readonly Slot<L>[];
  /** Calls `visit` with each listener. Does not catch what it throws. */
  each(visit: (listener: L) => void): void;
  /** Adds a listener and returns its removal. The same function added twice is called twice. */
  add(listener: L): Unsubscribe;
  clear(): void;
}

/** From this many removed listeners on it is worth leaving them out. */
const FEW = 8;

export const createListenerList = <L>(): ListenerList<L> => {
  // Only grows, or is replaced: a dispatch that is under way goes on over the array that it began with.
  let slots: { listener: L | null }[] = [];
  let removedCount = 0;

  /** Each removal pays for one slot that is left out, so that all removals together cost what they are. */
  const tidy = (): void => {
    if (removedCount < FEW || removedCount * 2 < slots.length) return;
    slots = slots.filter(({ listener }) => listener !== null);
    removedCount = 0;
  };

  return {
    get size() {
      return slots.length - removedCount;
    },
    get slots() {
      return slots;
    },
    each(visit) {
      const all = slots;
      const count = all.length;
      for (let index = 0; index < count; index += 1) {
        const listener = all[index]?.listener;
        if (listener !== null && listener !== undefined) visit(listener);
      }
    },
    add(listener) {
      const slot: { listener: L | null } = { listener };
      slots.push(slot);
      return () => {
        if (slot.listener === null) return;
        slot.listener = null;
        removedCount += 1;
        tidy();
      };
    },
    clear() {
      for (const slot of slots) slot.listener = null;
      slots = [];
      removedCount = 0;
    },
  };
};
