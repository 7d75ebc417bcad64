import { once } from './once.ts';

/** A timer as the platform hands it out: a number in browsers, an object in Node. */
export type TimerHandle = ReturnType<typeof setTimeout> | number | object;

/** Time, as statesocket sees it. Tests pass a virtual one. */
export interface Clock {
  /** Monotonic, in ms: it never jumps when the wall clock is set. Platforms differ in whether it counts sleep. */
  now(): number;
  /**
   * The time of day, in ms since 1970: for what is shown, and for ages that another page reads. Nothing waits by it.
   * @default now()
   */
  wallNow?(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** Whether it is a time, or a length of time. */
export const isMs = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

interface PerformanceLike {
  readonly timeOrigin?: unknown;
  now?(): unknown;
}

/** Makes a time that never runs back, out of what is there. Only where `performance` is incomplete. */
const createFallback = (): ((passedMs: unknown) => number) => {
  let latest = Number.NEGATIVE_INFINITY;
  let origin: number | null = null;
  return (passedMs) => {
    if (isMs(passedMs)) {
      origin ??= Date.now() - passedMs;
      latest = Math.max(latest, origin + passedMs);
    } else {
      origin = null;
      latest = Math.max(latest, Date.now());
    }
    return latest;
  };
};

/**
 * Makes a clock of the platform's globals, which are looked up at each call, so that fake timers installed later are obeyed.
 * `now()` starts at the wall clock's time when the process or page began and counts on monotonically.
 *
 * Where `performance` is missing, or lacks a part (React Native, some fake timers), that is reported, once, and time goes on
 * by what is left: `performance.now()`, or a `Date.now()` that is kept from running back.
 */
export const createPlatformClock = (onFault: (cause: unknown) => void = () => {}): Clock => {
  const fallback = createFallback();
  const tell = once(onFault);
  // Each frame reads the time, and the getter of an origin that never changes is a third of what that costs.
  let known: { readonly performance?: PerformanceLike | undefined; readonly origin?: unknown } = {};
  return {
    now() {
      let passedMs: unknown;
      try {
        const performance = globalThis.performance as PerformanceLike | undefined;
        if (performance !== known.performance) known = { performance, origin: performance?.timeOrigin };
        const { origin } = known;
        passedMs = performance?.now?.();
        if (isMs(origin) && isMs(passedMs)) return origin + passedMs;
      } catch {
        passedMs = undefined; // a getter or a method that throws is as good as none
      }
      tell(new TypeError('performance.timeOrigin and performance.now() must exist, and give a number.'));
      return fallback(passedMs);
    },
    wallNow: () => Date.now(),
    setTimeout: (callback, delayMs) => globalThis.setTimeout(callback, delayMs),
    clearTimeout: (handle) => globalThis.clearTimeout(handle as ReturnType<typeof setTimeout>),
  };
};

/** The platform's clock, see {@link createPlatformClock}. Reports nothing. */
export const platformClock: Clock = createPlatformClock();
