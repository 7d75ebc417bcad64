import { demand } from '../implementation.ts';

/** How the server of a run is watched; null: it is not. */
export interface WatchRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly canAsk: boolean;
  /** From when on: from open, or once two heartbeat frames came. */
  readonly from: 'open' | 'heartbeats';
}

const SLACK_MS = 1_000;

/**
 * When the silence of one socket may be held against the server, and by when it must be. It knows when frames came and
 * when time jumped, and nothing of timers: what happens within these bounds is right.
 */
export const createSilenceModel = (
  { timeoutMs, canAsk }: WatchRules,
  intervalMs: number,
  now: () => number,
  /** The client's clock stands still: it can tell no more than that nothing came for as long as one of its timers ran. */
  isBlind: boolean,
) => {
  const limitOf = (ms: number): number => ms + (canAsk ? 0 : SLACK_MS + timeoutMs);
  let limitMs = limitOf(intervalMs);
  let silentFrom = 0;
  let silentBy = 0;
  const measures = (): void => {
    // The platform's own clock, which stands in for a broken one, moves a little while the test runs.
    silentFrom = now() + limitMs - (isBlind ? SLACK_MS : 0);
    silentBy = now() + (isBlind ? 2 * limitMs : limitMs);
  };
  measures();
  let probe: { dueAt: number; by: number; withinMs: number } | null = null;
  let askCount = 0;
  let againCount = 0;
  let isSleeping = false;
  /** A timer was late, or may have been, and nothing has been heard since. */
  let hasBeenLate = false;
  /** When a sleep began in which a timer that proves something may fall due; null: none may, or nobody sleeps. */
  let asleepFrom: number | null = null;

  const isLate = (by: number): boolean => now() - by > SLACK_MS;
  /** A late timer proves nothing the first time, and one that is a second late is not late. */
  const onTime = (from: number, by: number): boolean =>
    now() >= from && !(isSleeping && isLate(by) && !hasBeenLate);

  return {
    canAsk,
    get isProbing() {
      return probe !== null;
    },
    /** How often the server must have been asked. */
    get askCount() {
      return askCount;
    },
    /** A probe that is out may be asked again: by a sleep, or by a clock that stands still. */
    get againCount() {
      return againCount;
    },
    heard(): void {
      probe = null;
      hasBeenLate = false;
      asleepFrom = null;
      measures();
    },
    /** A frame has just shown that the server beats as rarely as this. */
    beatsEach(ms: number): void {
      limitMs = limitOf(ms);
      measures();
    },
    /** The server is asked. One that was asked already gets less time by it, never more, and is not asked in vain. */
    asks(withinMs: number): void {
      const leftMs = probe === null ? 0 : probe.dueAt - now();
      if (probe !== null && leftMs > 0 && leftMs <= withinMs) {
        // A clock that stands still has not seen the time of that probe pass: it may ask again.
        if (isBlind) {
          againCount += 1;
          probe.by = Math.max(probe.by, now() + withinMs);
        }
        return;
      }
      askCount += 1;
      probe = { dueAt: now() + withinMs, by: now() + withinMs, withinMs };
    },
    /** The client holds that the server is silent. */
    isSilent(): void {
      const right = canAsk ? now() >= silentFrom : onTime(silentFrom, silentBy);
      demand(right, 'liveness', () => `silent at ${now()} ms, which may not be said before ${silentFrom} ms`);
    },
    /** The client holds that its probe was not answered. */
    isUnanswered(): void {
      const { dueAt, by } = probe ?? { dueAt: Number.POSITIVE_INFINITY, by: 0 };
      demand(
        onTime(dueAt, by),
        'liveness',
        () => `given up at ${now()} ms, with time to answer until ${dueAt} ms`,
      );
    },
    fallsAsleep(): void {
      isSleeping = true;
      againCount += 1;
      asleepFrom = canAsk && probe === null ? null : now();
    },
    wakesUp(): void {
      isSleeping = false;
      const wasLate = hasBeenLate;
      if (asleepFrom !== null && now() - asleepFrom > SLACK_MS) hasBeenLate = true;
      asleepFrom = null;
      if (!canAsk && isLate(silentBy) && !wasLate) {
        silentFrom = now() + limitMs;
        hasBeenLate = true;
      }
      silentBy = Math.max(silentBy, now() + limitMs);
      if (probe === null) return;
      if (isLate(probe.by) && !wasLate) {
        probe = { ...probe, dueAt: now() + probe.withinMs };
        hasBeenLate = true;
      }
      probe.by = Math.max(probe.by, now() + probe.withinMs);
    },
    /** Nothing is overdue. */
    check(): void {
      const by = probe?.by ?? silentBy;
      const why = probe === null ? 'silent' : 'asked';
      demand(now() < by, 'I11', () => `${why} at ${now()} ms, and not given up at ${by} ms`);
    },
  };
};

export type SilenceModel = ReturnType<typeof createSilenceModel>;
