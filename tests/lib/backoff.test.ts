import fc from 'fast-check';
import { exponentialBackoff, linearBackoff } from 'statesocket';
import { describe, expect, it } from 'vitest';
import { clampDelayMs, MAX_DELAY_MS, safeBackoff } from '../../src/lib/backoff.ts';

const half = () => 0.5;

describe('linear backoff', () => {
  it('waits 0, 10, 20 … 190 s by default, without jitter', () => {
    expect([1, 2, 3, 20].map((retry) => linearBackoff()(retry, half))).toEqual([0, 10_000, 20_000, 190_000]);
  });
  it('takes a step and full jitter', () => {
    expect(linearBackoff({ stepMs: 1_000, jitter: 'full' })(4, half)).toBe(1_500);
    expect(linearBackoff({ stepMs: 1_000, jitter: 'equal' })(4, half)).toBe(2_250);
  });
});

describe('exponential backoff', () => {
  const almost1 = () => 1 - Number.EPSILON;

  it('grows from 0.9 to 5.4 s in seven quick retries and then waits 20 s, of which it keeps half', () => {
    const policy = exponentialBackoff();
    const waits = (random: () => number) =>
      [1, 2, 6, 7, 8, 20, 2_000].map((retry) => Math.round(policy(retry, random)));
    expect(waits(() => 0)).toEqual([450, 608, 2_018, 2_724, 10_000, 10_000, 10_000]);
    expect(waits(half)).toEqual([675, 911, 3_027, 4_086, 15_000, 15_000, 15_000]);
    expect(waits(almost1)).toEqual([900, 1_215, 4_036, 5_448, 20_000, 20_000, 20_000]);
  });
  it('has waited 3.5 min in all when the last of 20 retries fails, between 2.3 and 4.6', () => {
    const minutes = (random: () => number) => {
      const waits = Array.from({ length: 20 }, (_, index) => exponentialBackoff()(index + 1, random));
      return (waits.reduce((a, b) => a + b) / 60_000).toFixed(1);
    };
    expect([minutes(() => 0), minutes(half), minutes(almost1)]).toEqual(['2.3', '3.5', '4.6']);
  });
  it('spreads the redial after a restart over 2 s, or as it is told', () => {
    expect([exponentialBackoff().spreadMs, exponentialBackoff({ spreadMs: 7 }).spreadMs]).toEqual([2_000, 7]);
  });
  it('takes a base, a growth, a number of quick retries, a cap and each jitter', () => {
    const exact = exponentialBackoff({ jitter: 'none', baseMs: 100, growth: 2, quickCount: 3, capMs: 1_000 });
    expect([1, 2, 3, 4].map((retry) => exact(retry, half))).toEqual([100, 200, 400, 1_000]);
    expect(exponentialBackoff({ jitter: 'none', capMs: 1_000 })(2, half)).toBe(1_000);
    expect(exponentialBackoff({ jitter: 'full' })(8, () => 0)).toBe(0);
    expect(exponentialBackoff({ jitter: 'full' })(8, half)).toBe(10_000);
  });
  it('grows up to the cap where all retries are quick, and stays 0 from a base of 0', () => {
    const quickCount = Number.POSITIVE_INFINITY;
    expect(exponentialBackoff({ quickCount, jitter: 'none' })(2_000, half)).toBe(20_000);
    expect(exponentialBackoff({ quickCount, growth: 2, baseMs: 0 })(2_000, half)).toBe(0);
  });
});

it('the longest delay is that of a signed 32-bit integer, and no other is longer', () => {
  expect(MAX_DELAY_MS).toBe(2_147_483_647);
  expect([Number.NaN, -1, 5, Number.POSITIVE_INFINITY].map(clampDelayMs)).toEqual([0, 0, 5, MAX_DELAY_MS]);
});

describe('a policy made total', () => {
  it('answers what the policy answers, and spreads as it does, within what a timer can hold', () => {
    const faults: unknown[] = [];
    const note = (cause: unknown) => void faults.push(cause);
    const policy = safeBackoff(exponentialBackoff({ baseMs: 70, jitter: 'none', spreadMs: 3_000 }), note);
    expect([policy(1, half), policy.spreadMs]).toEqual([70, 3_000]);
    const long = safeBackoff(exponentialBackoff({ spreadMs: 2 ** 40 }), note);
    expect(long.spreadMs).toBe(MAX_DELAY_MS);
    expect(safeBackoff(() => 5, note).spreadMs).toBe(0);
    expect(faults).toEqual([]);
  });
  it('takes no text for a number, says what it got, and hands on what was thrown', () => {
    const faults: unknown[] = [];
    const note = (cause: unknown) => void faults.push(cause);
    expect(safeBackoff(() => '5' as never, note)(3, half)).toBeCloseTo(1_230.1875);
    expect(faults).toEqual([new TypeError('A backoff must return a number of ms; it returned string.')]);
    const mine = new Error('mine');
    const thrower = () => {
      throw mine;
    };
    expect(safeBackoff(thrower, note)(3, half)).toBeCloseTo(1_230.1875);
    expect(faults[1]).toBe(mine);
  });
  it('answers a delay that a timer can hold, whatever the policy does', () => {
    const answers = fc.oneof(fc.double(), fc.anything());
    fc.assert(
      fc.property(answers, fc.boolean(), fc.integer({ min: 1, max: 50 }), (answer, throws, retry) => {
        const policy = safeBackoff(
          () => {
            if (throws) throw answer;
            return answer as number;
          },
          () => {},
        );
        const delayMs = policy(retry, Math.random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(MAX_DELAY_MS);
      }),
    );
  });
  it('reports each fault and asks the default policy instead', () => {
    const faults: unknown[] = [];
    const policy = safeBackoff(
      () => Number.NaN,
      (cause) => faults.push(cause),
    );
    expect(policy(3, half)).toBeCloseTo(1_230.1875);
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining('NaN') })]);
  });
});
