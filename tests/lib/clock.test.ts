import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPlatformClock } from '../../src/lib/clock.ts';
import { safeClock } from '../../src/lib/safe-clock.ts';

const REAL = globalThis.performance;
const YEAR_MS = 365 * 86_400_000;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const startPlatform = () => {
  const faults: unknown[] = [];
  return { clock: createPlatformClock((cause) => faults.push(cause)), faults };
};

describe("the platform's clock", () => {
  it('counts on from where the page began, and knows the time of day', () => {
    const { clock, faults } = startPlatform();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
    expect(clock.wallNow?.()).toBeCloseTo(Date.now(), -3);
    expect(faults).toEqual([]);
  });

  it.each([
    ['has no timeOrigin, as in React Native', { now: () => REAL.now() }],
    [
      'has a function as timeOrigin, as some fake timers leave it',
      { timeOrigin: () => 0, now: () => REAL.now() },
    ],
    ['has no now()', { timeOrigin: 0 }],
    ['has a now() that throws', { timeOrigin: 0, now: () => REAL.now.call({}) }],
    ['is missing', undefined],
  ])(
    'I18 reports once that performance %s, and goes on, near the time of day and never back',
    (_, performance) => {
      vi.stubGlobal('performance', performance);
      const { clock, faults } = startPlatform();
      let latest = clock.now();
      expect(Math.abs(latest - Date.now())).toBeLessThan(1_000);
      for (let reading = 0; reading < 100; reading += 1) {
        const next = clock.now();
        expect(next).toBeGreaterThanOrEqual(latest);
        latest = next;
      }
      expect(faults).toEqual([
        new TypeError('performance.timeOrigin and performance.now() must exist, and give a number.'),
      ]);
    },
  );

  it('sets and clears the timers of the platform', () => {
    vi.useFakeTimers();
    const { clock } = startPlatform();
    const heard: string[] = [];
    clock.setTimeout(() => heard.push('kept'), 50);
    clock.clearTimeout(clock.setTimeout(() => heard.push('cleared'), 50));
    vi.advanceTimersByTime(49);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual(['kept']);
  });

  it('I18 does not run back with the time of day, where that is all there is', () => {
    vi.useFakeTimers({ now: new Date('2030-01-01'), toFake: ['Date'] });
    vi.stubGlobal('performance', undefined);
    const { clock } = startPlatform();
    const before = clock.now();
    vi.setSystemTime(new Date('2029-01-01'));
    expect(clock.now()).toBe(before);
  });

  it('I18 does not jump with the time of day where only timeOrigin is missing', () => {
    vi.useFakeTimers({ now: new Date('2030-01-01'), toFake: ['Date'] });
    vi.stubGlobal('performance', { now: () => 5_000 });
    const { clock } = startPlatform();
    const before = clock.now();
    vi.setSystemTime(new Date('2031-01-01'));
    expect(clock.now()).toBe(before);
  });
});

/** A clock whose `now()` is what the test says, or throws. */
const startSafe = (first: unknown) => {
  const odd = { says: first };
  const faults: unknown[] = [];
  const clock = safeClock(
    {
      now() {
        if (odd.says instanceof Error) throw odd.says;
        return odd.says as number;
      },
      setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
      clearTimeout: () => {},
    },
    (cause) => faults.push(cause),
  );
  return { clock, odd, faults };
};

describe('a clock of the app', () => {
  it.each([
    ['NaN', Number.NaN],
    ['a text', 'noon'],
    ['nothing', undefined],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a throw', new Error('mine')],
  ])('that says %s after a while is reported once, and time goes on from where it was', (_, nonsense) => {
    const { clock, odd, faults } = startSafe(5_000);
    expect(clock.now()).toBe(5_000);
    odd.says = nonsense;
    for (let reading = 0; reading < 100; reading += 1) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(5_000);
      expect(now).toBeLessThan(5_000 + 60_000);
    }
    expect(faults).toHaveLength(1);
    // It is not asked again: two times that differ by decades would take turns.
    odd.says = 1;
    expect(clock.now()).toBeGreaterThanOrEqual(5_000);
  });

  it('that fails is not asked again: time goes on by the platform’s clock, from where it was', () => {
    const platform = { ms: 100 };
    vi.stubGlobal('performance', { timeOrigin: 0, now: () => platform.ms });
    let askedCount = 0;
    const clock = safeClock(
      { now: () => (++askedCount < 3 ? 5_000 : Number.NaN), setTimeout: () => 1, clearTimeout() {} },
      () => {},
    );
    expect([clock.now(), clock.now(), clock.now()]).toEqual([5_000, 5_000, 5_000]);
    platform.ms += 30;
    expect([clock.now(), askedCount]).toEqual([5_030, 3]);
  });

  it('that has never named a time is replaced by the platform’s', () => {
    vi.stubGlobal('performance', { timeOrigin: 1_000, now: () => 7 });
    const { clock, faults } = startSafe('noon');
    expect(clock.now()).toBe(1_007);
    expect(faults).toEqual([new TypeError('clock.now() must be a finite number; it was string.')]);
  });

  it('that stands still is no fault, and one that runs back is named', () => {
    const { clock, odd, faults } = startSafe(5_000);
    expect([clock.now(), clock.now()]).toEqual([5_000, 5_000]);
    expect(faults).toEqual([]);
    odd.says = 4_000;
    clock.now();
    expect(faults).toEqual([new RangeError('clock.now() ran back. It must be monotonic.')]);
  });

  it('whose timers fail has those of the platform, which can be cleared', () => {
    vi.useFakeTimers();
    const refuses = (what: string) => () => {
      throw new Error(`no ${what}`);
    };
    const faults: unknown[] = [];
    const clock = safeClock(
      { now: () => 1, setTimeout: refuses('timer'), clearTimeout: refuses('clearing') },
      (cause) => faults.push(cause),
    );
    const heard: string[] = [];
    const kept = clock.setTimeout(() => heard.push('kept'), 50);
    clock.clearTimeout(clock.setTimeout(() => heard.push('cleared'), 50));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(50);
    expect(heard).toEqual(['kept']);
    clock.clearTimeout(kept);
    expect(faults).toEqual([new Error('no timer')]);
  });

  it('that cannot clear a timer is reported, and breaks nobody', () => {
    const faults: unknown[] = [];
    const clock = safeClock(
      {
        now: () => 1,
        setTimeout: () => 1,
        clearTimeout() {
          throw new Error('no such timer');
        },
      },
      (cause) => faults.push(cause),
    );
    clock.clearTimeout(clock.setTimeout(() => {}, 5));
    expect(faults).toEqual([new Error('no such timer')]);
  });

  it('that runs back is reported once, and is taken to have stood still', () => {
    const { clock, odd, faults } = startSafe(5_000);
    clock.now();
    for (odd.says = 4_000; (odd.says as number) < 4_500; odd.says = (odd.says as number) + 100) clock.now();
    expect(clock.now()).toBe(5_500);
    odd.says = 1;
    expect(clock.now()).toBe(5_500);
    expect(faults).toHaveLength(1);
  });

  it('whose time of day fails has that of its now()', () => {
    const faults: unknown[] = [];
    const clock = safeClock(
      { now: () => 7, wallNow: () => Number.NaN, setTimeout: () => 1, clearTimeout() {} },
      (cause) => faults.push(cause),
    );
    expect([clock.wallNow(), clock.wallNow()]).toEqual([7, 7]);
    expect(faults).toEqual([new TypeError('clock.wallNow() must be a finite number; it was number.')]);
  });

  it('whose time of day throws has that of its now(), and is reported', () => {
    const faults: unknown[] = [];
    const broken = {
      now: () => 7,
      wallNow() {
        throw new Error('no day');
      },
      setTimeout: () => 1,
      clearTimeout() {},
    };
    expect(safeClock(broken, (cause) => faults.push(cause)).wallNow()).toBe(7);
    expect(faults).toEqual([new Error('no day')]);
  });

  it('without a time of day has that of its now(), and that is no fault', () => {
    const faults: unknown[] = [];
    const clock = safeClock({ now: () => YEAR_MS, setTimeout: () => 1, clearTimeout() {} }, (cause) =>
      faults.push(cause),
    );
    expect([clock.wallNow(), faults]).toEqual([YEAR_MS, []]);
  });
});
