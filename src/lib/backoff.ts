import { ignoreRejection } from './unawaited.ts';

/**
 * How long to wait before a retry.
 *
 * Called once per scheduled retry with its number, from 1, and a source of randomness in [0, 1). Answers ms.
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
 * - `full`: a uniformly random delay between 0 and the exact one, which spreads them best.
 *   Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export type Jitter = 'none' | 'full';

const spread = (delayMs: number, jitter: Jitter, random: () => number): number =>
  jitter === 'full' ? random() * delayMs : delayMs;

/**
 * RednGift's documented schedule: retry n waits (n - 1) x `stepMs`, so 0, 10, 20 … 190 s for 20 retries.
 *
 * @param options.stepMs @default 10_000
 * @param options.jitter @default 'none'
 * @example
 * createConnection({ url, backoff: linearBackoff() });
 */
export const linearBackoff = ({
  stepMs = 10_000,
  jitter = 'none',
}: {
  stepMs?: number;
  jitter?: Jitter;
} = {}): Backoff => {
  return (retry, random) => spread((retry - 1) * stepMs, jitter, random);
};

/**
 * Doubles the wait with each retry up to a cap: the default of `createConnection`.
 *
 * With full jitter a hundred thousand clients of a restarted server come back close to as fast as it can take them;
 * without jitter they return in waves (docs/decisions/backoff.md).
 *
 * @param options.baseMs the wait before retry 1 @default 500
 * @param options.capMs no wait is longer @default 30_000
 * @param options.jitter @default 'full'
 * @param options.spreadMs over how many ms clients come back after a clean restart (1001, 1012) @default 2_000
 * @example
 * createConnection({ url, backoff: exponentialBackoff({ capMs: 10_000 }) });
 */
export const exponentialBackoff = ({
  baseMs = 500,
  capMs = 30_000,
  jitter = 'full',
  spreadMs = 2_000,
}: {
  baseMs?: number;
  capMs?: number;
  jitter?: Jitter;
  spreadMs?: number;
} = {}): Backoff => {
  const policy = (retry: number, random: () => number): number =>
    spread(Math.min(capMs, baseMs * 2 ** (retry - 1)), jitter, random);
  return Object.assign(policy, { spreadMs });
};

/** A delay that a timer can hold, whatever was asked for; NaN is 0. */
export const clampDelayMs = (delayMs: number): number => (delayMs > 0 ? Math.min(MAX_DELAY_MS, delayMs) : 0);

/**
 * Makes a policy that cannot break its caller: an answer that is NaN or no number, and a throw, are reported and
 * replaced by the answer of {@link exponentialBackoff}; every answer is clamped to 0 … {@link MAX_DELAY_MS}.
 */
export const totalBackoff = (policy: Backoff, onFault: (cause: unknown) => void): Backoff => {
  const fallback = exponentialBackoff();
  const ask: Backoff = (retry, random) => {
    try {
      const delayMs: unknown = policy(retry, random);
      if (typeof delayMs === 'number' && !Number.isNaN(delayMs)) return delayMs;
      ignoreRejection(delayMs);
      const answer = typeof delayMs === 'number' ? 'NaN' : typeof delayMs;
      onFault(new TypeError(`A backoff must answer a number of ms; it answered ${answer}.`));
    } catch (cause) {
      onFault(cause);
    }
    return fallback(retry, random);
  };
  return Object.assign((retry: number, random: () => number) => clampDelayMs(ask(retry, random)), {
    spreadMs: clampDelayMs(Number(policy.spreadMs ?? 0)),
  });
};
