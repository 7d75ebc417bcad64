/** Frames that end when the test says so. */
export const createHandFrames = () => {
  const due = new Set<() => void>();
  return {
    scheduleFrame: (run: () => void) => {
      due.add(run);
      return () => {
        due.delete(run);
      };
    },
    /** How many frames are asked for. */
    get count() {
      return due.size;
    },
    end(): void {
      const runs = [...due];
      due.clear();
      for (const run of runs) run();
    },
  };
};
