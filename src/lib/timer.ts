import { clampDelayMs } from './backoff.ts';
import type { Clock, TimerHandle } from './clock.ts';

/** How late a timer may fire and still mean something, in ms: a busy page keeps it that well. */
export const LATE_MS = 1_000;

/**
 * One timer, which knows how late it was. A timer that fires late proves nothing: the machine slept, or the tab was throttled,
 * and what was waited for may be there, unread.
 */
export interface Timer {
  /** Waits so many ms, in place of what it waited for before. `lateMs` is how late it then was; below 0 by a clock that lags. */
  start(ms: number, onDue: (lateMs: number) => void): void;
  /**
   * Gives somebody so many ms, and calls once when they have missed it. Where the timer was late, they get the whole time again,
   * once: what was waiting has been read by then, and in a hidden tab every timer is late.
   */
  expect(ms: number, onMissed: () => void): void;
  /** Waits no more. It may start again. */
  stop(): void;
  /** Waits no more, and never again: whatever it is told. */
  end(): void;
  /** The moment it waits for, as {@link now} counts; null: it does not wait. */
  readonly dueAt: number | null;
  /** The time of its clock. One that was found behind its own timers, since it stands still, is put right by that. */
  now(): number;
}

export const createTimer = (clock: Clock): Timer => {
  let waiting: { readonly handle: TimerHandle; readonly dueAt: number } | 'ended' | null = null;
  let lagMs = 0;
  const now = (): number => clock.now() + lagMs;

  const stop = (): void => {
    if (waiting === null || waiting === 'ended') return;
    clock.clearTimeout(waiting.handle);
    waiting = null;
  };
  const start: Timer['start'] = (ms, onDue) => {
    stop();
    if (waiting === 'ended') return;
    // A platform fires at once what is longer than it can wait, and the clock would seem to lag by weeks.
    const delayMs = clampDelayMs(ms);
    const dueAt = now() + delayMs;
    const handle = clock.setTimeout(() => {
      waiting = null;
      const lateMs = now() - dueAt;
      if (lateMs < -LATE_MS) lagMs -= lateMs;
      onDue(lateMs);
    }, delayMs);
    waiting = { handle, dueAt };
  };

  return {
    start,
    expect(ms, onMissed) {
      start(ms, (lateMs) => {
        if (lateMs > LATE_MS) start(ms, onMissed);
        else onMissed();
      });
    },
    stop,
    end() {
      stop();
      waiting = 'ended';
    },
    get dueAt() {
      return waiting === null || waiting === 'ended' ? null : waiting.dueAt;
    },
    now,
  };
};
