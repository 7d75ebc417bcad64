import type { SocketEvent } from '../../machines/index.ts';
import { MAX_DELAY_MS } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { createTimer, LATE_MS } from '../lib/timer.ts';

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
  /** A frame came. */
  heard(): void;
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
  const timer = createTimer(clock);
  let limitMs = limitOf(options.silenceMs);
  let heardAt = timer.now();
  /** What the timer waits for. */
  let awaited: 'silence' | 'answer' = 'silence';
  /** What came since the timer was set; and that it was late, as long as nothing came since. */
  let came: 'nothing' | 'something' | 'a late timer' = 'nothing';

  const wait = (delayMs: number, then: (wasLate: boolean) => void): void => {
    timer.start(delayMs, (lateMs) => {
      // When it came a clock that stands still cannot tell.
      if (lateMs < -LATE_MS && came === 'something') heardAt = timer.now();
      then(lateMs > LATE_MS);
    });
    if (came === 'something') came = 'nothing';
  };

  const watch = (): void => {
    awaited = 'silence';
    const leftMs = heardAt + limitMs - timer.now();
    if (leftMs > 0) {
      wait(Math.min(MAX_DELAY_MS, leftMs), (wasLate) => {
        // Where the server can be asked, the probe will tell; where not, a late timer must not condemn it.
        if (wasLate && ask === undefined && came !== 'a late timer') {
          came = 'a late timer';
          heardAt = timer.now();
        }
        watch();
      });
    } else {
      tell({ type: 'frame.silent' });
    }
  };

  const probe = (withinMs: number): void => {
    const leftMs = awaited === 'answer' && timer.dueAt !== null ? timer.dueAt - timer.now() : 0;
    // Whether its timer or a signal comes first: one that is overdue is late.
    if (-leftMs > LATE_MS) came = 'a late timer';
    awaited = 'answer';
    // Signals that keep coming must not keep a dead socket, nor flood a live one: its probe is out. A timer that is overdue
    // will be late, and proves nothing.
    if (leftMs > 0 && leftMs <= withinMs) return;
    wait(withinMs, (wasLate) => {
      if (!wasLate || came === 'a late timer') {
        tell({ type: 'probe.unanswered' });
        return;
      }
      came = 'a late timer';
      probe(withinMs);
    });
    // The app makes the probe, and may end the connection from within it.
    ask?.();
  };

  watch();
  return {
    heard() {
      heardAt = timer.now();
      came = 'something';
      if (awaited === 'silence') return;
      tell({ type: 'frame.heard' });
      watch();
    },
    probe,
    allows(silenceMs) {
      const nextMs = limitOf(silenceMs);
      if (nextMs === limitMs) return;
      limitMs = nextMs;
      if (awaited === 'silence') watch();
    },
    stop: timer.end,
  };
};
