import fc from 'fast-check';
import { exponentialBackoff, linearBackoff } from 'statesocket';
import { describe, expect, it } from 'vitest';
import { MAX_DELAY_MS, totalBackoff } from '../../src/lib/backoff.ts';

const half = () => 0.5;

describe('linear backoff', () => {
  it('waits 0, 10, 20 … 190 s by default, without jitter', () => {
    expect([1, 2, 3, 20].map((retry) => linearBackoff()(retry, half))).toEqual([0, 10_000, 20_000, 190_000]);
  });
  it('takes a step and full jitter', () => {
    expect(linearBackoff({ stepMs: 1_000, jitter: 'full' })(4, half)).toBe(1_500);
  });
});

describe('exponential backoff', () => {
  it('doubles from 500 ms to 30 s by default, with full jitter', () => {
    expect([1, 2, 7, 8, 2_000].map((retry) => exponentialBackoff()(retry, half))).toEqual([
      250, 500, 15_000, 15_000, 15_000,
    ]);
  });
  it('spreads over the whole range', () => {
    expect(exponentialBackoff()(5, () => 0)).toBe(0);
    expect(exponentialBackoff({ jitter: 'none', baseMs: 100, capMs: 1_000 })(3, half)).toBe(400);
  });
});

describe('a policy made total', () => {
  it('answers a delay that a timer can hold, whatever the policy does', () => {
    const answers = fc.oneof(fc.double(), fc.anything());
    fc.assert(
      fc.property(answers, fc.boolean(), fc.integer({ min: 1, max: 50 }), (answer, throws, retry) => {
        const policy = totalBackoff(
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
    const policy = totalBackoff(
      () => Number.NaN,
      (cause) => faults.push(cause),
    );
    expect(policy(3, half)).toBe(1_000);
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining('NaN') })]);
  });
});
