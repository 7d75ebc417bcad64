import { ignoreRejection } from './unawaited.ts';

/**
 * How long to wait before a retry.
 *
 * Called once per scheduled retry with its number, from 1, and a source of randomness in [0, 1). Returns ms.
 */
export interface Backoff {
  (retry: number, random: () => number): number;
  /**
   * Over how many ms to spread the redial after a restart that closes many clients at the same moment (1001, 1012).
   * @default 0: all at once
   */
  readonly spreadMs?: number;
}

/** The longest delay a timer can hold; a larger one would fire at once. Source: WHATWG HTML, timers (a signed 32-bit integer). */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * - `none`: the exact delay. Clients that lost the same server come back in step.
 * - `equal`: half of the exact delay, and a uniformly random part of the other half.
 * - `full`: a uniformly random delay between 0 and the exact one, which parts them soonest.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export type Jitter = 'none' | 'equal' | 'full';

const spread = (delayMs: number, jitter: Jitter, random: () => number): number => {
  switch (jitter) {
    case 'full':
      return random() * delayMs;
    case 'equal':
      return (delayMs * (1 + random())) / 2;
    default:
      return delayMs;
  }
};

/**
 * RednGift's documented schedule: retry n waits (n - 1) x `stepMs`, so 0, 10, 20 … 190 s for 20 retries.
 *
 * @param options how long a step is, and how random
 * @example
 * createConnection({ url, backoff: linearBackoff() });
 */
export const linearBackoff = ({
  stepMs = 10_000,
  jitter = 'none',
}: {
  /** How much longer each wait is than the one before it. @default 10_000 */
  stepMs?: number;
  /** @default 'none' */
  jitter?: Jitter;
} = {}): Backoff => {
  return (retry, random) => spread((retry - 1) * stepMs, jitter, random);
};

/**
 * Some quick retries whose waits grow by a factor, then one wait that stays: the default of `createConnection`.
 *
 * A server that restarts is back within seconds; one that is not may take minutes. By default seven waits grow from
 * 0.9 s to 5.4 s, each later one is 20 s, half of each is up to chance, and all 20 retries take 3.5 min (2.3 to 4.6).
 * The figures were chosen together, so that a restart is found soon, a hundred thousand clients do not storm, and 10
 * connects in 60 s are enough (docs/decisions/backoff.md).
 *
 * @param options what each wait is, and how random
 * @example
 * createConnection({ url, backoff: exponentialBackoff({ capMs: 60_000 }) });
 */
export const exponentialBackoff = ({
  baseMs = 900,
  growth = 1.35,
  quickCount = 7,
  capMs = 20_000,
  jitter = 'equal',
  spreadMs = 2_000,
}: {
  /** The wait before retry 1, before jitter. @default 900 */
  baseMs?: number;
  /** How many times longer each quick wait is than the one before it. @default 1.35 */
  growth?: number;
  /** How many retries are quick. Infinity: all, up to the cap. @default 7 */
  quickCount?: number;
  /** The wait before each later retry; no wait is longer. @default 20_000 */
  capMs?: number;
  /** @default 'equal' */
  jitter?: Jitter;
  /** Over how many ms clients come back after a clean restart (1001, 1012). @default 2_000 */
  spreadMs?: number;
} = {}): Backoff => {
  const quickMs = (retry: number): number => {
    // Bounded, since an infinite factor times a base of 0 would be NaN.
    const factor = Math.min(Number.MAX_VALUE, growth ** (retry - 1));
    return Math.min(capMs, baseMs * factor);
  };
  const policy = (retry: number, random: () => number): number =>
    spread(retry <= quickCount ? quickMs(retry) : capMs, jitter, random);
  return Object.assign(policy, { spreadMs });
};

/** A delay that a timer can hold, whatever was asked for; NaN is 0. */
export const clampDelayMs = (delayMs: number): number => (delayMs > 0 ? Math.min(MAX_DELAY_MS, delayMs) : 0);

/**
 * Makes a policy that cannot break its caller: a result that is NaN or no number, and a throw, are reported and
 * replaced by the result of {@link exponentialBackoff}; every result is clamped to 0 … {@link MAX_DELAY_MS}.
 */
export const safeBackoff = (policy: Backoff, onFault: (cause: unknown) => void): Backoff => {
  const fallback = exponentialBackoff();
  const ask: Backoff = (retry, random) => {
    try {
      const delayMs: unknown = policy(retry, random);
      if (typeof delayMs === 'number' && !Number.isNaN(delayMs)) return delayMs;
      ignoreRejection(delayMs);
      const answer = typeof delayMs === 'number' ? 'NaN' : typeof delayMs;
      onFault(new TypeError(`A backoff must return a number of ms; it returned ${answer}.`));
    } catch (cause) {
      onFault(cause);
    }
    return fallback(retry, random);
  };
  return Object.assign((retry: number, random: () => number) => clampDelayMs(ask(retry, random)), {
    spreadMs: clampDelayMs(Number(policy.spreadMs ?? 0)),
  });
};
