import type { Clock, TimerHandle } from '../../lib/clock.ts';
import type { Inlet } from './inlet.ts';

/** What a message must bring of itself in a second beyond its deadline: a link of 32 kbit/s does. */
const MIN_BYTES_PER_SECOND = 4 * 1024;

/**
 * Ends messages that do not come to an end. Each has `deadlineMs`, and a second more for each 4 KiB that came: a slow link is
 * not cut in the middle of an image, and a byte a minute keeps nothing waiting. One timer, and none while all is complete.
 */
export class MessageDeadline {
  private readonly unfinished = new Set<Inlet>();
  private readonly clock: Clock;
  private readonly deadlineMs: number;
  private readonly missed: (inlet: Inlet) => void;
  private timer: TimerHandle | null = null;

  constructor(clock: Clock, deadlineMs: number, missed: (inlet: Inlet) => void) {
    this.clock = clock;
    this.deadlineMs = deadlineMs;
    this.missed = missed;
  }

  /** More of a message has come, and it is not complete. */
  watch(inlet: Inlet): void {
    if (this.unfinished.has(inlet)) return;
    inlet.unfinishedSince = this.clock.now();
    this.unfinished.add(inlet);
    this.timer ??= this.clock.setTimeout(this.look, this.deadlineMs);
  }

  /** It is complete, or nobody waits for it any more. */
  forget(inlet: Inlet): void {
    if (!this.unfinished.delete(inlet) || this.unfinished.size > 0 || this.timer === null) return;
    this.clock.clearTimeout(this.timer);
    this.timer = null;
  }

  private readonly look = (): void => {
    this.timer = null;
    const now = this.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const inlet of this.unfinished) {
      const moreMs = Math.floor(inlet.meter.unfinishedBytes / MIN_BYTES_PER_SECOND) * 1_000;
      const leftMs = inlet.unfinishedSince + this.deadlineMs + moreMs - now;
      // Whoever is held back does not read what has come: that is not the peer's fault.
      if (inlet.share.heldSince !== null) next = Math.min(next, Math.max(leftMs, this.deadlineMs));
      else if (leftMs > 0) next = Math.min(next, leftMs);
      else {
        this.unfinished.delete(inlet);
        this.missed(inlet);
      }
    }
    if (this.unfinished.size > 0) this.timer ??= this.clock.setTimeout(this.look, Math.ceil(next));
  };
}
