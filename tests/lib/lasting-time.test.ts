import { describe, expect, it } from 'vitest';
import { createLastingTime } from '../../src/lib/lasting-time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const start = () => {
  const clock = { steady: 1_000, wall: 50_000_000_000 };
  const time = createLastingTime({ now: () => clock.steady, wallNow: () => clock.wall });
  const begunAt = time();
  return {
    clock,
    passes: (ms: number) => {
      clock.steady += ms;
      clock.wall += ms;
    },
    /** How much of it has passed. */
    passedMs: () => time() - begunAt,
  };
};

describe('a time that lasts', () => {
  it('is the time of day at first, and passes as it does', () => {
    const { clock, passes, passedMs } = start();
    passes(HOUR_MS);
    expect(passedMs()).toBe(HOUR_MS);
    expect(createLastingTime({ now: () => 0, wallNow: () => clock.wall })()).toBe(clock.wall);
  });

  it('counts sleep in which the monotonic clock stood still', () => {
    const { clock, passes, passedMs } = start();
    passes(1_000);
    clock.wall += 25 * HOUR_MS;
    passes(1_000);
    expect(passedMs()).toBe(25 * HOUR_MS + 2_000);
  });

  it('counts a sleep once where the monotonic clock counts it too', () => {
    const { passes, passedMs } = start();
    passes(25 * HOUR_MS);
    expect(passedMs()).toBe(25 * HOUR_MS);
  });

  it.each([
    ['back by a year', -365 * DAY_MS],
    ['back by an hour', -HOUR_MS],
    ['forward by fifty years, as when a machine without a battery learns the date', 50 * 365 * DAY_MS],
  ])('I18 is not moved when the wall clock is set %s', (_, ms) => {
    const { clock, passes, passedMs } = start();
    passes(500);
    clock.wall += ms;
    expect(passedMs()).toBe(500);
    passes(500);
    expect(passedMs()).toBe(1_000);
  });

  it('does not drift by what the two clocks differ by: whole milliseconds, small corrections', () => {
    const { clock, passes, passedMs } = start();
    for (let reading = 0; reading < 10_000; reading += 1) {
      passes(10);
      clock.wall += reading % 2 === 0 ? 0.9 : -0.9;
      passedMs();
    }
    expect(passedMs()).toBeCloseTo(100_000, 0);
  });

  it('never runs back', () => {
    const { clock, passes, passedMs } = start();
    let latest = 0;
    for (const ms of [5_000, -3_000, 900, -900, 2_000, -50_000, 1_500]) {
      passes(100);
      clock.wall += ms;
      expect(passedMs()).toBeGreaterThanOrEqual(latest);
      latest = passedMs();
    }
  });

  it('takes a gain of a second for nothing, and one of 60 days for sleep; longer is a clock that was set', () => {
    const gains = (ms: number): number => {
      const { clock, passedMs } = start();
      clock.wall += ms;
      return passedMs();
    };
    expect([1_000, 1_001, 60 * DAY_MS, 60 * DAY_MS + 1].map(gains)).toEqual([0, 1_001, 60 * DAY_MS, 0]);
  });

  it('goes by now() where there is no time of day', () => {
    const clock = { steady: 7 };
    const time = createLastingTime({ now: () => clock.steady });
    clock.steady += 5_000;
    expect(time()).toBe(5_007);
  });
});
