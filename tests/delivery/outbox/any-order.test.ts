import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playOutbox, type Step } from './support/outbox-play.ts';

const RUNS = Number(process.env.OUTBOX_RUNS ?? 300);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'say' }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('answer' as const), at: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), at: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('link' as const), window: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('decide' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'receipt' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), code: fc.constantFrom(1006, 1011) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'leave' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'logout' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'hold charts' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'begin charts' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('come' as const), user: fc.constantFrom('ada', 'ben') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('discard' as const), at: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), at: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'other page comes' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'other page goes' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(100, 6_000, 16_000) }),
  },
);

describe('in whatever order a store answers, fails or hangs, sockets come and go, and users leave and return', () => {
  it('I2 I3 I8 each message takes effect once and in order, and is never called what it is not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        expect(await playOutbox(steps)).toEqual([]);
      }),
      {
        numRuns: RUNS,
        seed: 14,
        ...(process.env.OUTBOX_SEED === undefined ? {} : { seed: Number(process.env.OUTBOX_SEED) }),
      },
    );
  }, 120_000);
});
