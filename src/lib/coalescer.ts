/** Runs `run` once, at the next frame. Returns its cancellation. */
export type ScheduleFrame = (run: () => void) => () => void;

/** What a coalescer needs. */
export interface CoalescerOptions<K, T> {
  readonly scheduleFrame: ScheduleFrame;
  /** Takes what has gathered under one key, oldest first and never empty. Must not throw. */
  readonly deliver: (key: K, items: readonly T[]) => void;
  /** How many items may wait, over all keys. One more and all are delivered at once, before the frame. */
  readonly maxWaitingCount: number;
  /** When the first item of an idle key is delivered: calls `run` once, in this turn. @default at once */
  readonly defer?: (run: () => void) => void;
}

/** Gathers items by key, so that a burst is delivered once a frame. */
export interface Coalescer<K, T> {
  /** Delivers at once when the key is idle, or as `defer` says; else within a frame. */
  add(key: K, item: T): void;
  /** Delivers what is waiting now. */
  flush(): void;
  /** Delivers what is waiting, and ends. Later items are ignored. */
  close(): void;
}

/**
 * The first item of an idle key goes out at once; those that follow within the frame go out together at its end. A key
 * is idle again after a frame without items. Order is kept within a key and not across keys. Nothing is dropped.
 *
 * @example
 * const log = createCoalescer<string, number>({ scheduleFrame, deliver: console.log, maxWaitingCount: 1_000 });
 * log.add('a', 1); // a [1]
 * log.add('a', 2);
 * log.add('a', 3); // at the frame: a [2, 3]
 */
export const createCoalescer = <K, T>(options: CoalescerOptions<K, T>): Coalescer<K, T> => {
  const { scheduleFrame, deliver, maxWaitingCount, defer = (run) => run() } = options;
  // The keys that have delivered in this frame, each with what came since.
  const busy = new Map<K, T[]>();
  // What is being delivered. Shared by nested flushes: close() in a delivery leaves nothing to the flush around it.
  const due: [key: K, items: readonly T[]][] = [];
  let waitingCount = 0;
  /** Cancels the frame that is awaited; null: none is. */
  let frame: (() => void) | 'closed' | null = null;
  let isFlushDue = false;

  /** What an idle key has gathered by now, unless a flush was sooner. */
  const deliverFirst = (key: K): void => {
    const items = busy.get(key) ?? [];
    if (items.length === 0) return;
    busy.set(key, []);
    waitingCount -= items.length;
    deliver(key, items);
  };

  const flush = (): void => {
    for (const [key, items] of busy) {
      if (items.length === 0) continue;
      due.push([key, items]);
      busy.set(key, []);
    }
    waitingCount = 0;
    isFlushDue = false;
    for (let next = due.shift(); next !== undefined; next = due.shift()) deliver(...next);
  };

  const endFrame = (): void => {
    if (frame === 'closed') return;
    for (const [key, items] of busy) if (items.length === 0) busy.delete(key);
    frame = busy.size > 0 ? scheduleFrame(endFrame) : null;
    flush();
  };

  return {
    add(key, item) {
      if (frame === 'closed') return;
      const waiting = busy.get(key);
      if (waiting === undefined) {
        busy.set(key, [item]);
        waitingCount += 1;
        frame ??= scheduleFrame(endFrame);
        defer(() => deliverFirst(key));
        return;
      }
      waiting.push(item);
      waitingCount += 1;
      if (waitingCount <= maxWaitingCount || isFlushDue) return;
      isFlushDue = true;
      defer(flush);
    },
    flush,
    close() {
      if (typeof frame === 'function') frame();
      frame = 'closed';
      flush();
    },
  };
};
