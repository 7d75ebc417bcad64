/** The last items of a series: it never holds more than its capacity. */
export interface Ring<T> {
  /** Adds an item. Returns the one that it pushed out, or undefined. */
  add(item: T): T | undefined;
  /** The items, oldest first; a new array. */
  toArray(): T[];
}

/** Makes a ring. It takes memory as it fills, and none for an item that replaces another. */
export const createRing = <T>(capacity: number): Ring<T> => {
  const items: T[] = [];
  // Where the next item goes: behind the last one while the ring fills, then where the oldest is.
  let next = 0;
  return {
    add(item) {
      const pushedOut = items[next];
      items[next] = item;
      next = (next + 1) % capacity;
      return pushedOut;
    },
    toArray: () => [...items.slice(next), ...items.slice(0, next)],
  };
};
