import type { Clock, TimerHandle } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { MAX_ADVISED_DELAY_MS } from '../protocol/limits.ts';
import type { Session } from './session/session.ts';

/** How sockets are closed one after the other. */
export interface DrainOptions {
  /** How many clients may dial elsewhere in a second, since their socket here was closed. @default 200 */
  readonly dialsPerSecond?: number;
  /**
   * How long it may take until the last socket is closed, in ms. Where there are too many sockets for that, they are closed
   * faster and told to wait, so that they dial no faster. @default 10_000
   */
  readonly withinMs?: number;
}

/** Closes that are due at one moment come together: at most one timer in so many ms. */
const STEP_MS = 10;
/** Less advice than this is not worth a wait: the client's own spread is longer. */
const MIN_ADVICE_MS = 100;

/** When a socket is closed, from the beginning of the drain, and how long its client is told to wait then. */
export interface Slot {
  readonly atMs: number;
  readonly minDelayMs: number;
}

/** @throws {StatesocketError} `bad-option`. */
export const settleDrain = (options: DrainOptions = {}): Required<DrainOptions> => {
  const { dialsPerSecond = 200, withinMs = 10_000 } = options;
  if (!(Number.isFinite(dialsPerSecond) && dialsPerSecond > 0))
    throw new StatesocketError('bad-option', 'drain: dialsPerSecond must be a number above 0.');
  if (!(Number.isFinite(withinMs) && withinMs >= 0))
    throw new StatesocketError('bad-option', 'drain: withinMs must be a number of ms from 0.');
  return { dialsPerSecond, withinMs };
};

/** The slot of each socket. The dials that follow are as far apart as was asked for, whether time or advice parts them. */
export const slotOf = (
  index: number,
  count: number,
  { dialsPerSecond, withinMs }: Required<DrainOptions>,
): Slot => {
  const dialAtMs = (index / dialsPerSecond) * 1_000;
  const allMs = (count / dialsPerSecond) * 1_000;
  const atMs = allMs <= withinMs ? dialAtMs : dialAtMs * (withinMs / allMs);
  const adviceMs = Math.min(Math.round(dialAtMs - atMs), MAX_ADVISED_DELAY_MS);
  return { atMs, minDelayMs: adviceMs < MIN_ADVICE_MS ? 0 : adviceMs };
};

/** A close that goes on for a while. */
export interface StagedClose {
  /** Resolves when each socket was closed, or when it is cut short. */
  readonly done: Promise<void>;
  /** Cuts it short: what is open stays open. Leaves no timer. */
  stop(): void;
}

/** @param close Closes sockets, and resolves when they are, whatever their peers do. Does not reject. */
export const closeInTurn = (options: {
  readonly clock: Clock;
  readonly sessions: readonly Session[];
  readonly drain: Required<DrainOptions>;
  readonly close: (sessions: readonly (readonly [Session, minDelayMs: number])[]) => Promise<void>;
}): StagedClose => {
  const { clock, sessions, drain, close } = options;
  const startedAt = clock.now();
  const stage: { timer: TimerHandle | null; nextIndex: number; finish: () => void } = {
    timer: null,
    nextIndex: 0,
    finish: () => {},
  };
  const slots = (index: number) => slotOf(index, sessions.length, drain);
  const takeDue = (): (readonly [Session, number])[] => {
    const due: (readonly [Session, number])[] = [];
    const passedMs = clock.now() - startedAt;
    while (stage.nextIndex < sessions.length && slots(stage.nextIndex).atMs <= passedMs) {
      due.push([sessions[stage.nextIndex] as Session, slots(stage.nextIndex).minDelayMs]);
      stage.nextIndex += 1;
    }
    return due;
  };
  const closing: Promise<void>[] = [];
  const step = () => {
    stage.timer = null;
    closing.push(close(takeDue()));
    if (stage.nextIndex < sessions.length) {
      const dueInMs = startedAt + slots(stage.nextIndex).atMs - clock.now();
      stage.timer = clock.setTimeout(step, Math.max(STEP_MS, dueInMs));
    } else void Promise.all(closing).then(stage.finish);
  };
  const done = new Promise<void>((resolve) => {
    stage.finish = () => resolve();
  });
  step();
  return {
    done,
    stop() {
      if (stage.timer !== null) clock.clearTimeout(stage.timer);
      stage.timer = null;
      stage.finish();
    },
  };
};
