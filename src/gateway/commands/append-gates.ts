import type { Clock, TimerHandle } from '../../lib/clock.ts';
import type { Owner } from '../fair-scheduler.ts';

/** How many appends of one owner may be under way at the engine. Enough for a transaction that many share. */
export const MAX_UNDER_WAY_COUNT = 256;
/** When none of them has ended for so long, in ms, as many more are let in: an engine that hangs at one log must not keep all. */
export const PATIENCE_MS = 1_000;

/** The appends of one owner: a user's commands together, or what the app publishes. */
export interface AppendGate {
  /** Undefined: at once. Others come in the order in which they asked. Whoever is in leaves once, whatever came of it. */
  enter(): Promise<void> | undefined;
  leave(): void;
}

/**
 * Bounds what one owner has under way at an engine that works beside the event loop: its calls are done one after the other
 * as a rule, and one message to 2,000 users would be before all that others ask for.
 */
export interface AppendGates {
  of(owner: Owner): AppendGate;
  /** Lets everybody in, from now on. Leaves no timer. */
  open(): void;
}

interface Line {
  underWayCount: number;
  /** When one left last, or the first began to wait. */
  movedAt: number;
  timer: TimerHandle | null;
  readonly waiting: Set<() => void>;
}

export const createAppendGates = (clock: Clock): AppendGates => {
  const lines = new Map<Owner, Line>();
  let mostCount = MAX_UNDER_WAY_COUNT;

  const letIn = (line: Line) => {
    for (const goOn of line.waiting) {
      if (line.underWayCount >= mostCount) return;
      line.waiting.delete(goOn);
      line.underWayCount += 1;
      goOn();
    }
    if (line.timer !== null) clock.clearTimeout(line.timer);
    line.timer = null;
  };
  const arm = (line: Line, delayMs: number) => {
    line.timer = clock.setTimeout(() => {
      line.timer = null;
      const leftMs = line.movedAt + PATIENCE_MS - clock.now();
      if (leftMs <= 0) {
        line.underWayCount = 0;
        line.movedAt = clock.now();
        letIn(line);
      }
      if (line.waiting.size > 0) arm(line, leftMs > 0 ? leftMs : PATIENCE_MS);
    }, delayMs);
  };

  return {
    of: (owner) => ({
      enter() {
        const line = lines.get(owner) ?? { underWayCount: 0, movedAt: 0, timer: null, waiting: new Set() };
        lines.set(owner, line);
        if (line.underWayCount < mostCount) {
          line.underWayCount += 1;
          return undefined;
        }
        if (line.timer === null) {
          line.movedAt = clock.now();
          arm(line, PATIENCE_MS);
        }
        return new Promise((resolve) => line.waiting.add(resolve));
      },
      leave() {
        const line = lines.get(owner);
        if (line === undefined) return;
        line.underWayCount = Math.max(0, line.underWayCount - 1);
        if (line.waiting.size > 0) {
          line.movedAt = clock.now();
          letIn(line);
        }
        if (line.underWayCount === 0) lines.delete(owner);
      },
    }),
    open() {
      mostCount = Number.POSITIVE_INFINITY;
      for (const line of lines.values()) letIn(line);
    },
  };
};
