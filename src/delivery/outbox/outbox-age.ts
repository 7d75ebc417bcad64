import { MAX_DELAY_MS } from '../../lib/backoff.ts';
import type { Clock, TimerHandle } from '../../lib/clock.ts';
import { type Entry, rowOf } from './outbox-entry.ts';
import type { OutboxQueue } from './outbox-queue.ts';

/** The longest `maxAgeMs`, and how long a failed entry is kept for a person who comes back. */
export const LONGEST_AGE_MS = 7 * 24 * 60 * 60 * 1_000;

export interface AgeWatchOptions {
  readonly clock: Clock;
  /** The time that `queuedAt` is in. */
  readonly time: () => number;
  readonly maxAgeMs: number;
  readonly queue: Pick<OutboxQueue, 'each' | 'entries' | 'openCount'>;
  /** These wait, and are too old. */
  readonly onOver: (entries: readonly Entry[]) => void;
}

/** Tells of what grew too old while it waited. */
export interface AgeWatch {
  isOver(entry: Entry, limitMs?: number): boolean;
  /** Keeps one timer, for the oldest that waits; none where nothing does. */
  watch(): void;
  stop(): void;
}

export const createAgeWatch = (options: AgeWatchOptions): AgeWatch => {
  const { clock, time, maxAgeMs, queue, onOver } = options;
  const timer: { handle: TimerHandle | null } = { handle: null };

  const isOverAt = (at: number, { stored }: Entry, limitMs = maxAgeMs): boolean =>
    at - stored.queuedAt >= limitMs;
  const isOver: AgeWatch['isOver'] = (entry, limitMs) => isOverAt(time(), entry, limitMs);

  const start = (oldest: Entry): void => {
    const waitMs = Math.min(oldest.stored.queuedAt + maxAgeMs - time(), MAX_DELAY_MS);
    const firesAt = time() + waitMs;
    timer.handle = clock.setTimeout(() => {
      timer.handle = null;
      // A clock that stands still must not keep anything for ever.
      const at = Math.max(time(), firesAt);
      onOver(queue.entries.filter((entry) => rowOf(entry).isOpen && isOverAt(at, entry)));
    }, waitMs);
  };
  const stop = (): void => {
    if (timer.handle !== null) clock.clearTimeout(timer.handle);
    timer.handle = null;
  };

  return {
    isOver,
    watch() {
      if (queue.openCount === 0) stop();
      if (timer.handle !== null || queue.openCount === 0) return;
      for (const entry of queue.each()) {
        if (!rowOf(entry).isOpen || isOver(entry)) continue;
        start(entry);
        return;
      }
    },
    stop,
  };
};
