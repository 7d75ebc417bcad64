import type { ScheduleFrame } from '../lib/coalescer.ts';
import type { StatesocketError } from '../protocol/errors.ts';

/** How many messages a bridge keeps for the next frame. One more and all are handed on at once: none is dropped. */
export const MAX_WAITING_COUNT = 20_000;

/** Rarely needed settings of a bridge. */
export interface BridgeOptions {
  /** Told when a function of the app, called by the bridge, throws (`bridge-failed`). @default console.warn */
  readonly onError?: (error: StatesocketError) => void;
  /** The frame; tests pass their own. @default requestAnimationFrame, and a timer where it does not run */
  readonly scheduleFrame?: ScheduleFrame;
}
