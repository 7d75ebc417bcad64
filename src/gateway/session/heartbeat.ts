import type { Clock } from '../../lib/clock.ts';

/** The server's side of liveness for one socket. */
export interface Heartbeat {
  /** The peer answered a ping. */
  answered(): void;
  stop(): void;
}

/**
 * Calls `beat` every `everyMs`, which must ping the peer; a ping that is unanswered at the next beat calls `lost`, once.
 *
 * A beat that comes late by more than half an interval judges nothing: this process stood still, and the answer may be
 * waiting in its own queue.
 */
export const startHeartbeat = (options: {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly beat: () => void;
  readonly lost: () => void;
}): Heartbeat => {
  const { clock, everyMs, beat, lost } = options;
  let unanswered = false;
  let stopped = false;
  let dueAt = 0;
  let timer = schedule();

  function schedule() {
    dueAt = clock.now() + everyMs;
    return clock.setTimeout(tick, everyMs);
  }
  function tick() {
    const late = clock.now() - dueAt > everyMs / 2;
    if (unanswered && !late) {
      stopped = true;
      lost();
      return;
    }
    unanswered = true;
    beat();
    if (!stopped) timer = schedule();
  }

  return {
    answered() {
      unanswered = false;
    },
    stop() {
      stopped = true;
      clock.clearTimeout(timer);
    },
  };
};
