/** Makes of a function one that runs once at a time: who calls meanwhile shares what comes of it. */
export const sharedRun = <T>(run: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<T> | null = null;
  return () => {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };
};

/** Makes of a function one that runs once. Who calls after it has failed runs it again. */
export const keptRun = <T>(run: () => Promise<T>): (() => Promise<T>) => {
  let kept: Promise<T> | null = null;
  return () => {
    kept ??= run().catch((cause) => {
      kept = null;
      throw cause;
    });
    return kept;
  };
};
