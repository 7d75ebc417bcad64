/** Forgets what has grown too old, whoever it belongs to: also what is kept of users who get nothing new. */
export interface Forgetting {
  /** To be called in each transaction, with the age clock. Costs nothing while there is nothing to forget. */
  run(ageMs: number): void;
  /** The transaction was rolled back: what is the oldest is to be asked again. */
  reset(): void;
}

/**
 * The oldest row is known between two runs, since what comes is younger.
 *
 * @param options.keepMs How old a row may grow.
 * @param options.readOldest When the oldest row was touched, in ms of the age clock; null: there is none.
 * @param options.drop Forgets what was touched before a moment; it need not forget all of that at once.
 */
export const createForgetting = (options: {
  readonly keepMs: number;
  readonly readOldest: () => number | null;
  readonly drop: (touchedBeforeMs: number) => void;
}): Forgetting => {
  const { keepMs, readOldest, drop } = options;
  let oldestMs = Number.NEGATIVE_INFINITY;
  return {
    run(ageMs) {
      if (oldestMs >= ageMs - keepMs) return;
      drop(ageMs - keepMs);
      oldestMs = readOldest() ?? ageMs;
    },
    reset() {
      oldestMs = Number.NEGATIVE_INFINITY;
    },
  };
};
