/** What waits for somebody who is not there yet. All of it or nothing: a part of a story is not told as the whole. */
export interface Backlog<T> {
  /** Does nothing after the end. */
  add(item: T): void;
  /** Ends it. Returns all that was added, oldest first; null: it was more than is kept, or the end was before. */
  end(): readonly T[] | null;
}

/** Keeps `mostCount` items. One more and none is kept. */
export const createBacklog = <T>(mostCount: number): Backlog<T> => {
  let items: T[] | null = [];
  return {
    add(item) {
      if (items !== null && items.push(item) > mostCount) items = null;
    },
    end() {
      const kept = items;
      items = null;
      return kept;
    },
  };
};
