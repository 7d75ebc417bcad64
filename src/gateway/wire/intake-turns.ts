import type { Clock } from '../../lib/clock.ts';
import type { Inlet } from './inlet.ts';
import type { IntakeShare } from './intake-share.ts';

/** How long frames may hold the loop before it goes on, in ms. One frame is never cut into parts. */
const TURN_MS = 20;
/** A larger frame always waits for its turn. */
const MAX_DIRECT_BYTES = 16 * 1024;
/** Of how much of the time frames may be handed on without waiting for a turn. */
const DIRECT_PART = 0.5;

/** Who is served when. */
export interface Turns {
  /** Whether a frame of this size may be handed on right away. */
  hasRoomFor(bytes: number): boolean;
  /** That took so long. */
  spend(ms: number): void;
  /** Frames of this user wait. Repeats do no harm. */
  join(share: IntakeShare<Inlet>): void;
  leave(share: IntakeShare<Inlet>): void;
  stop(): void;
}

/** @param serve Hands on one frame of a user; whether more of them may be handed on. */
export const createTurns = (clock: Clock, serve: (share: IntakeShare<Inlet>) => boolean): Turns => {
  /** Sets keep the order in which they were joined: the first is the next. */
  const quiet = new Set<IntakeShare<Inlet>>();
  const busy = new Set<IntakeShare<Inlet>>();
  let immediate: NodeJS.Immediate | null = null;
  let directMsLeft = TURN_MS;
  let directFilledAt = clock.now();

  const firstOf = (queue: Set<IntakeShare<Inlet>>) => {
    for (const share of queue) return share;
    return undefined;
  };
  const serveNext = (queue: Set<IntakeShare<Inlet>>): boolean => {
    const share = firstOf(queue);
    if (share === undefined) return false;
    queue.delete(share);
    if (serve(share)) join(share);
    return true;
  };
  const run = () => {
    immediate = null;
    const end = clock.now() + TURN_MS;
    while (clock.now() < end && serveNext(quiet));
    // Whoever sends much is served as well, however many there are who send little.
    while (serveNext(busy) && clock.now() < end);
    schedule();
  };
  const schedule = () => {
    if (quiet.size + busy.size > 0) immediate ??= setImmediate(run);
  };
  const join = (share: IntakeShare<Inlet>) => {
    if (quiet.has(share) || busy.has(share)) return;
    (share.isQuiet(clock.now()) ? quiet : busy).add(share);
    schedule();
  };

  return {
    hasRoomFor(bytes) {
      if (bytes > MAX_DIRECT_BYTES) return false;
      if (directMsLeft > 0) return true;
      const now = clock.now();
      directMsLeft = Math.min(TURN_MS, directMsLeft + Math.max(0, now - directFilledAt) * DIRECT_PART);
      directFilledAt = now;
      return directMsLeft > 0;
    },
    spend(ms) {
      directMsLeft -= ms;
    },
    join,
    leave(share) {
      quiet.delete(share);
      busy.delete(share);
    },
    stop() {
      quiet.clear();
      busy.clear();
      if (immediate !== null) clearImmediate(immediate);
      immediate = null;
    },
  };
};
