/** A set that remembers the last `capacity` values added and forgets the oldest, at a constant cost per value. */
export interface RecentSet<T> {
  has(value: T): boolean;
  add(value: T): void;
  clear(): void;
}

export const createRecentSet = <T>(capacity: number): RecentSet<T> => {
  const members = new Set<T>();
  // The ring knows which value is the oldest. Asking the Set for its first value walks over every deleted one.
  let ring: T[] = [];
  let next = 0;
  return {
    has: (value) => members.has(value),
    add(value) {
      if (members.has(value)) return;
      if (ring.length === capacity) members.delete(ring[next] as T);
      ring[next] = value;
      next = (next + 1) % capacity;
      members.add(value);
    },
    clear() {
      members.clear();
      ring = [];
      next = 0;
    },
  };
};
