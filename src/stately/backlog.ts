/** What waits for somebody who is not there yet. All of it or nothing: a part of a story is not told as the whole. */
export interface Backlog<T> {
  add(item: T): void;
  /** All that was added, oldest first; null: it was more than is kept. */
  all(): readonly T[] | null;
}

/** Keeps `mostCount` items. One more and none is kept. */
export const createBacklog = <T>(mostCount: number): Backlog<T> => {
  let items: T[] | null = [];
  return {
    add(item) {
      if (items !== null && items.push(item) > mostCount) items = null;
    },
    all: () => items,
  };
};
