import { MAX_DELAY_MS } from '../../lib/backoff.ts';
import type { Clock, TimerHandle } from '../../lib/clock.ts';
import type { OutboxItem } from './outbox-item.ts';
import type { OutboxList } from './outbox-list.ts';

/** The longest `maxAgeMs`, and how long a failed entry is kept for a person who comes back. */
export const LONGEST_AGE_MS = 7 * 24 * 60 * 60 * 1_000;

export interface AgeWatchOptions {
  readonly clock: Clock;
  /** The time that `queuedAt` is in. */
  readonly time: () => number;
  readonly list: OutboxList;
  readonly maxAgeMs: number;
  readonly mayBeSent: (item: OutboxItem) => boolean;
  /** Called for an entry that no socket has carried and that is too old. */
  readonly onExpired: (item: OutboxItem) => void;
  /** Called after that: what may have been sent has grown too old, too. */
  readonly onDue: () => void;
}

/** Fails what grew too old before it was ever sent. What was sent is judged when its turn comes again. */
export interface AgeWatch {
  isOver(item: OutboxItem, limitMs?: number): boolean;
  /** Keeps one timer, for the oldest. */
  watch(): void;
  stop(): void;
}

export const createAgeWatch = (options: AgeWatchOptions): AgeWatch => {
  const { clock, time, list, maxAgeMs, mayBeSent, onExpired, onDue } = options;
  let timer: TimerHandle | null = null;

  const isOverAt = (at: number, { stored }: OutboxItem, limitMs = maxAgeMs): boolean =>
    at - stored.queuedAt >= limitMs;
  const isOver: AgeWatch['isOver'] = (item, limitMs) => isOverAt(time(), item, limitMs);

  const watch = (): void => {
    if (timer !== null) return;
    const oldest = list.items.find((item) => item.isOpen && !isOver(item));
    if (oldest === undefined) return;
    const dueAt = oldest.stored.queuedAt + maxAgeMs;
    const waitMs = Math.min(dueAt - time(), MAX_DELAY_MS);
    const firesAt = time() + waitMs;
    timer = clock.setTimeout(() => {
      timer = null;
      // A clock that stands still must not keep anything for ever.
      const at = Math.max(time(), firesAt);
      for (const item of list.items) {
        if (item.isOpen && isOverAt(at, item) && !mayBeSent(item)) onExpired(item);
      }
      onDue();
      watch();
      list.notify();
    }, waitMs);
  };

  return {
    isOver,
    watch,
    stop() {
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
    },
  };
};
