import type { SocketEvent } from '../../machines/index.ts';
import { MAX_DELAY_MS } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';

/** What may arrive late without meaning anything, in ms: a timer of a busy page, a frame of a slow network. */
export const SLACK_MS = 1_000;

export interface LivenessOptions {
  readonly clock: Clock;
  /** How long the server may be silent, in ms; slack for its own timers and the network included. */
  readonly silenceMs: number;
  /** How much longer it may be silent where it cannot be asked, in ms. */
  readonly timeoutMs: number;
  /** Sends a probe. Undefined: there is no way to ask. Must not throw. */
  readonly ask: (() => void) | undefined;
  readonly tell: (event: SocketEvent) => void;
}

/** Measures the silence of one socket and reports its edges; a frame costs one reading of the clock. */
export interface Liveness {
  /** A frame came, at this time in ms as the clock counts. */
  heard(at: number): void;
  /** Sends a probe and gives it this long. One that is still out and has no more time than that stands for it. */
  probe(withinMs: number): void;
  /** From now on the server may be silent for this long, in ms. */
  allows(silenceMs: number): void;
  /** Ends every timer. */
  stop(): void;
}

/**
 * A timer that fires late proves nothing: the page slept, or was throttled, and frames may be waiting to be read. Then a
 * silent server gets its whole time again, and an unanswered probe is sent again. Once: what was waiting has been read when the
 * second one fires, and in a hidden tab every timer may be late.
 */
export const createLiveness = (options: LivenessOptions): Liveness => {
  const { clock, timeoutMs, ask, tell } = options;
  const limitOf = (silenceMs: number): number => silenceMs + (ask === undefined ? timeoutMs : 0);
  let limitMs = limitOf(options.silenceMs);
  /** How far the clock was found to be behind its own timers. One that stands still must not keep a dead socket. */
  let lagMs = 0;
  const now = (): number => clock.now() + lagMs;
  /** Since the timer was set. */
  let hasHeard = false;
  let heardAt = now();
  let timer: TimerHandle | null = null;
  let dueAt = heardAt;
  let probing = false;
  let stopped = false;
  /** A timer was late, and nothing has been heard since. */
  let hasBeenLate = false;

  const wait = (delayMs: number, then: (wasLate: boolean) => void): void => {
    // The app makes the probe, and may end the connection from within it.
    if (stopped) return;
    if (timer !== null) clock.clearTimeout(timer);
    dueAt = now() + delayMs;
    timer = clock.setTimeout(() => {
      timer = null;
      const lateMs = now() - dueAt;
      if (lateMs < -SLACK_MS) {
        lagMs -= lateMs;
        // When it came such a clock cannot tell.
        if (hasHeard) heardAt = dueAt;
      }
      then(lateMs > SLACK_MS);
    }, delayMs);
    hasHeard = false;
  };

  const watch = (): void => {
    const leftMs = heardAt + limitMs - now();
    if (leftMs > 0) {
      wait(Math.min(MAX_DELAY_MS, leftMs), (wasLate) => {
        // Where the server can be asked, the probe will tell; where not, a late timer must not condemn it.
        if (wasLate && ask === undefined && !hasBeenLate) {
          hasBeenLate = true;
          heardAt = now();
        }
        watch();
      });
    } else {
      tell({ type: 'frame.silent' });
    }
  };

  const probe = (withinMs: number): void => {
    const leftMs = probing ? dueAt - now() : 0;
    // Whether its timer or a signal comes first: one that is overdue is late.
    if (-leftMs > SLACK_MS) hasBeenLate = true;
    probing = true;
    // Signals that keep coming must not keep a dead socket, nor flood a live one: its probe is out. A timer that is overdue
    // will be late, and proves nothing.
    if (leftMs > 0 && leftMs <= withinMs) return;
    ask?.();
    wait(withinMs, (wasLate) => {
      if (wasLate && !hasBeenLate) probe(withinMs);
      else tell({ type: 'probe.unanswered' });
    });
  };

  watch();
  return {
    heard(at) {
      heardAt = at + lagMs;
      hasHeard = true;
      hasBeenLate = false;
      if (!probing) return;
      probing = false;
      tell({ type: 'frame.heard' });
      watch();
    },
    probe,
    allows(silenceMs) {
      const nextMs = limitOf(silenceMs);
      if (nextMs === limitMs) return;
      limitMs = nextMs;
      if (!probing) watch();
    },
    stop() {
      stopped = true;
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
    },
  };
};
