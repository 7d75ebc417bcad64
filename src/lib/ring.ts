/** The last items of a series: it never holds more than its capacity. */
export interface Ring<T> {
  /** Adds an item. Answers the one that it pushed out, or undefined. */
  add(item: T): T | undefined;
  /** The items, oldest first; a new array. */
  toArray(): T[];
}

/** Makes a ring. It takes memory as it fills, and none for an item that replaces another. */
export const createRing = <T>(capacity: number): Ring<T> => {
  const items: T[] = [];
  let oldest = 0;
  return {
    add(item) {
      if (items.length < capacity) {
        items.push(item);
        return undefined;
      }
      const pushedOut = items[oldest];
      items[oldest] = item;
      oldest = (oldest + 1) % capacity;
      return pushedOut;
    },
    toArray: () => [...items.slice(oldest), ...items.slice(0, oldest)],
  };
};
