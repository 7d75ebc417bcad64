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
      expect(faults).toHaveLength(1);
    },
  );

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
    expect([clock.wallNow(), clock.wallNow(), faults.length]).toEqual([7, 7, 1]);
    expect(
      safeClock({ now: () => YEAR_MS, setTimeout: () => 1, clearTimeout() {} }, () => {}).wallNow(),
    ).toBe(YEAR_MS);
  });
});
