/** So many upgrades are judged in one turn of the event loop: some 5 ms of it. */
const PER_TURN_COUNT = 16;

/** Who waits for a turn of the event loop, in the order they came. */
export interface Arrivals {
  /** Calls `judge` at once, or in a later turn where many have come in this one. */
  add(judge: () => void): void;
}

interface Waiting {
  readonly judge: () => void;
  next: Waiting | null;
}

/**
 * Spreads upgrades over turns of the event loop. After a restart thousands redial at once, and the loop hands out a thousand
 * sockets in one turn; the sockets that are open are served in between.
 */
export const createArrivals = (): Arrivals => {
  // Linked: whoever was judged is let go of, also under a flood that never lets the queue run empty.
  let first: Waiting | null = null;
  let last: Waiting | null = null;
  let leftCount = PER_TURN_COUNT;
  let isTurnAwaited = false;

  const takeTurn = () => {
    isTurnAwaited = false;
    leftCount = PER_TURN_COUNT;
    for (; leftCount > 0 && first !== null; leftCount -= 1) {
      const { judge } = first;
      first = first.next;
      judge();
    }
    if (first === null) last = null;
    else awaitTurn();
  };
  const awaitTurn = () => {
    if (isTurnAwaited) return;
    isTurnAwaited = true;
    setImmediate(takeTurn);
  };

  return {
    add(judge) {
      awaitTurn();
      if (leftCount > 0 && first === null) {
        leftCount -= 1;
        judge();
        return;
      }
      const next = { judge, next: null };
      if (first === null || last === null) first = next;
      else last.next = next;
      last = next;
    },
  };
};
