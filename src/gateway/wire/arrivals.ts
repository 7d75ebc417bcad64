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
  let waiting: (() => void)[] = [];
  let nextIndex = 0;
  let leftCount = PER_TURN_COUNT;
  let isTurnAwaited = false;

  const takeTurn = () => {
    isTurnAwaited = false;
    leftCount = PER_TURN_COUNT;
    for (; leftCount > 0 && nextIndex < waiting.length; leftCount -= 1) waiting[nextIndex++]?.();
    if (nextIndex === waiting.length) {
      waiting = [];
      nextIndex = 0;
    } else awaitTurn();
  };
  const awaitTurn = () => {
    if (isTurnAwaited) return;
    isTurnAwaited = true;
    setImmediate(takeTurn);
  };

  return {
    add(judge) {
      awaitTurn();
      if (leftCount > 0 && waiting.length === 0) {
        leftCount -= 1;
        judge();
      } else waiting.push(judge);
    },
  };
};
