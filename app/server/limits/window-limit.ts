import { Refusal } from '../refusal.ts';
import type { LimitRule } from './limit-rules.ts';

/** How many keys are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED_COUNT = 10_000;

/** How often something may happen within a time, each key counted apart. Kept in memory: a restart forgets it. */
export interface WindowLimit {
  /** Counts one. Refuses with `too-many-requests`, and counts nothing, where the window of this key is full. */
  take(key: string): void;
  /** Takes one back that did not count after all. */
  giveBack(key: string): void;
  /** Forgets all that was counted for this key. */
  forget(key: string): void;
}

const inWords = (ms: number): string => {
  const minutes = Math.ceil(ms / 60_000);
  if (ms <= 60_000) return 'in a minute';
  return minutes < 120 ? `in ${minutes} minutes` : `in ${Math.ceil(minutes / 60)} hours`;
};

/** @param waitMs When the window is over, in ms from now. */
export const tooMany = (what: string, waitMs: number): Refusal =>
  new Refusal('too-many-requests', `${what} Please try again ${inWords(waitMs)}.`, waitMs);

/**
 * The window of a key begins with its first, and lasts `windowMs`.
 *
 * @param options.what Begins the refusal, which goes on with when to try again: "Too many attempts."
 */
export const createWindowLimit = (
  options: LimitRule & {
    /** @default a clock that never goes back */
    readonly now?: () => number;
  },
): WindowLimit => {
  const { maxCount, windowMs, what, now = () => performance.now() } = options;
  const windows = new Map<string, { count: number; endsAtMs: number }>();
  return {
    take(key) {
      const known = windows.get(key);
      const current =
        known !== undefined && known.endsAtMs > now() ? known : { count: 0, endsAtMs: now() + windowMs };
      if (current.count >= maxCount) throw tooMany(what, current.endsAtMs - now());
      // Moves it to the end, so that the oldest is the one that was quiet longest.
      windows.delete(key);
      windows.set(key, { count: current.count + 1, endsAtMs: current.endsAtMs });
      for (const oldest of windows.keys()) {
        if (windows.size <= MAX_REMEMBERED_COUNT) break;
        windows.delete(oldest);
      }
    },
    giveBack(key) {
      const known = windows.get(key);
      if (known !== undefined && known.count > 0) known.count -= 1;
    },
    forget(key) {
      windows.delete(key);
    },
  };
};
