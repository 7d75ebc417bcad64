/** Something that is going to happen. */
export interface Due {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** The one time of a simulated world, and all that is going to happen in it. */
export interface Scheduler {
  readonly nowMs: number;
  /** How many things have happened. */
  readonly stepCount: number;
  /** How many are still going to. */
  readonly pendingCount: number;
  after(delayMs: number, run: () => void): Due;
  /** The same at a moment of its own, exactly: sums of fractions are not, and would overtake each other. */
  at(ms: number, run: () => void): Due;
  cancel(due: Due): void;
  /** Lets the next thing happen, if there is one until this moment. Of two at the same moment: the one that was planned first. */
  step(untilMs: number): boolean;
  /** Nothing happens until this moment. */
  passTo(ms: number): void;
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export const createScheduler = (): Scheduler => {
  const heap: Due[] = [];
  let nowMs = 0;
  let order = 0;
  let stepCount = 0;

  const item = (index: number): Due => heap[index] as Due;
  const push = (due: Due) => {
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, item(parent))) break;
      heap[index] = item(parent);
      index = parent;
    }
    heap[index] = due;
  };
  const pop = (): Due | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && isBefore(item(child + 1), item(child))) child += 1;
      if (!isBefore(item(child), last)) break;
      heap[index] = item(child);
      index = child;
    }
    heap[index] = last;
    return first;
  };

  const at = (ms: number, run: () => void): Due => {
    order += 1;
    const due: Due = { atMs: Math.max(nowMs, ms), order, run };
    push(due);
    return due;
  };

  return {
    get nowMs() {
      return nowMs;
    },
    get stepCount() {
      return stepCount;
    },
    get pendingCount() {
      return heap.filter(({ run }) => run !== null).length;
    },
    at,
    after: (delayMs, run) => at(nowMs + Math.max(0, delayMs), run),
    cancel(due) {
      due.run = null;
    },
    step(untilMs) {
      for (let next = heap[0]; next !== undefined && next.atMs <= untilMs; next = heap[0]) {
        pop();
        const { run } = next;
        if (run === null) continue;
        next.run = null;
        nowMs = Math.max(nowMs, next.atMs);
        stepCount += 1;
        run();
        return true;
      }
      return false;
    },
    passTo(ms) {
      nowMs = Math.max(nowMs, ms);
    },
  };
};

/**
 * Lets all that was promised happen: Node gives ticks their turn when no microtask is left. (An immediate would do as well,
 * and take a turn of the event loop each time.)
 */
export const promisesSettle = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Lets the platform do what it has to do beside the simulation. */
export const platformBreathes = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
