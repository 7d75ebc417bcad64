/** Work that a step of a chart has asked for, and that is done when the step is over. */
export interface DueWork {
  /** Adds work. Returns what takes it back, where it is not done yet. */
  add(work: () => void): () => void;
  /** Does all that is due, in the order in which it was asked for. Returns whether there was any. */
  doAll(): boolean;
}

/**
 * A step of a chart does nothing that calls an app: what an app's code tells a chart from within its step, the chart takes later.
 */
export const createDueWork = (): DueWork => {
  const due = new Set<() => void>();
  return {
    add(work) {
      const own = (): void => work();
      due.add(own);
      return () => void due.delete(own);
    },
    doAll() {
      const hadAny = due.size > 0;
      for (const work of due) {
        due.delete(work);
        work();
      }
      return hadAny;
    },
  };
};
