/** So many upgrades are judged in one turn of the event loop: some 5 ms of it. */
const PER_TURN_COUNT = 16;

/** Who waits for a turn of the event loop, in the order they came. */
export interface Arrivals {
  /** Calls `judge` at once, or in a later turn where many have come in this one. */
  add(judge: () => void): void;
}

/**
 * Spreads upgrades over turns of the event loop. After a restart thousands redial at once, and the loop hands out a thousand
 * sockets in one turn; the sockets that are open are served in between.
 */
export const createArrivals = (): Arrivals => {
  // No array: whoever was judged is let go of, also under a flood that never lets the queue run empty.
  const waiting = new Set<{ readonly judge: () => void }>();
  /** How many this turn may still judge. Fewer than all: the next turn is asked for. */
  let leftCount = PER_TURN_COUNT;

  const takeTurn = () => {
    leftCount = PER_TURN_COUNT;
    for (const next of waiting) {
      if (leftCount === 0) return;
      waiting.delete(next);
      judgeNow(next.judge);
    }
  };
  const judgeNow = (judge: () => void) => {
    if (leftCount === PER_TURN_COUNT) setImmediate(takeTurn);
    leftCount -= 1;
    judge();
  };

  return {
    add(judge) {
      if (leftCount > 0 && waiting.size === 0) judgeNow(judge);
      else waiting.add({ judge });
    },
  };
};
