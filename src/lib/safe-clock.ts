import { type Clock, createPlatformClock, isMs, type TimerHandle } from './clock.ts';
import { once } from './once.ts';

/** A clock that always has a time of day. */
export type SafeClock = Clock & Required<Pick<Clock, 'wallNow'>>;

/**
 * Makes a clock that cannot break its caller, of one that may throw, name no finite number or run back. The first of its faults
 * is reported, and no other. A `now()` that fails is not asked again: the platform's clock goes on from where it was. One that
 * runs back is taken to have stood still.
 */
export const safeClock = (clock: Clock, onFault: (cause: unknown) => void): SafeClock => {
  const tell = once(onFault);
  const platform = createPlatformClock();
  const borrowed = new Set<TimerHandle>();
  /** Whom `now()` asks: the clock, and once that has failed the platform's. */
  let asked = clock;
  let latest = Number.NEGATIVE_INFINITY;
  let offsetMs = 0;

  const checked = (time: unknown, name: 'now' | 'wallNow'): number | null => {
    if (isMs(time)) return time;
    tell(new TypeError(`clock.${name}() must be a finite number; it was ${typeof time}.`));
    return null;
  };
  const askNow = (): number | null => {
    try {
      return checked(clock.now(), 'now');
    } catch (cause) {
      tell(cause);
      return null;
    }
  };
  const askWallNow = (): number | null => {
    try {
      return clock.wallNow === undefined ? null : checked(clock.wallNow(), 'wallNow');
    } catch (cause) {
      tell(cause);
      return null;
    }
  };

  const now = (): number => {
    let time = asked === platform ? platform.now() : askNow();
    if (time === null) {
      asked = platform;
      time = platform.now();
      if (latest !== Number.NEGATIVE_INFINITY) offsetMs = latest - time;
    }
    if (time + offsetMs < latest) {
      if (asked !== platform) tell(new RangeError('clock.now() ran back. It must be monotonic.'));
      offsetMs = latest - time;
    }
    latest = time + offsetMs;
    return latest;
  };

  return {
    now,
    wallNow: () => askWallNow() ?? now(),
    setTimeout(callback, delayMs) {
      try {
        return clock.setTimeout(callback, delayMs);
      } catch (cause) {
        tell(cause);
      }
      const handle = platform.setTimeout(() => {
        borrowed.delete(handle);
        callback();
      }, delayMs);
      borrowed.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      if (borrowed.delete(handle)) {
        platform.clearTimeout(handle);
        return;
      }
      try {
        clock.clearTimeout(handle);
      } catch (cause) {
        tell(cause);
      }
    },
  };
};
