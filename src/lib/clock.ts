/** A timer as the platform hands it out: a number in browsers, an object in Node. */
export type TimerHandle = ReturnType<typeof setTimeout> | number | object;

/** Time, as statesocket sees it. Tests pass a virtual one. */
export interface Clock {
  /** Monotonic, in ms: it never jumps when the wall clock is set. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/**
 * The platform's clock. Globals are looked up at each call, so fake timers installed later are obeyed. `now()` starts
 * at the wall clock's time when the process or page began and counts on monotonically, so it can be compared with
 * `Date.now()` for display.
 */
export const platformClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, delayMs) => globalThis.setTimeout(callback, delayMs),
  clearTimeout: (handle) => globalThis.clearTimeout(handle as ReturnType<typeof setTimeout>),
};

/**
 * Makes a clock that cannot break its caller: where it throws, or `now()` answers no finite number, that is reported and
 * the platform's clock does it.
 */
export const totalClock = (clock: Clock, onFault: (cause: unknown) => void): Clock => {
  const borrowed = new Set<TimerHandle>();
  return {
    now() {
      try {
        const now: unknown = clock.now();
        if (typeof now === 'number' && Number.isFinite(now)) return now;
        onFault(new TypeError(`clock.now() must answer a finite number; it answered ${typeof now}.`));
      } catch (cause) {
        onFault(cause);
      }
      return platformClock.now();
    },
    setTimeout(callback, delayMs) {
      try {
        return clock.setTimeout(callback, delayMs);
      } catch (cause) {
        onFault(cause);
      }
      const handle = platformClock.setTimeout(() => {
        borrowed.delete(handle);
        callback();
      }, delayMs);
      borrowed.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      if (borrowed.delete(handle)) {
        platformClock.clearTimeout(handle);
        return;
      }
      try {
        clock.clearTimeout(handle);
      } catch (cause) {
        onFault(cause);
      }
    },
  };
};
