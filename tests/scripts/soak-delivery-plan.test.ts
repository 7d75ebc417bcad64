import { describe, expect, it } from 'vitest';
import { addTally, soakChunks, soakDeliveryOptions } from '../../scripts/soak-delivery-plan.mjs';

describe('the soak of delivery', () => {
  it('plays 200,000 seeds on all cores, unless it is told otherwise', () => {
    const usual = { seeds: 200_000, from: 0, workers: 2, minutes: 1_440, engine: 'none' };
    expect(soakDeliveryOptions([], 2)).toEqual(usual);
    const told = ['--seeds=20', '--from=7', '--workers', '1', '--minutes=3', '--engine=redis'];
    expect(soakDeliveryOptions(told, 2)).toEqual({
      seeds: 20,
      from: 7,
      workers: 1,
      minutes: 3,
      engine: 'redis',
    });
  });

  it.each([
    ['--seeds=0'],
    ['--seeds=many'],
    ['--from=-1'],
    ['--workers=1.5'],
    ['--speed=9'],
    ['--engine=oracle'],
  ])('refuses %s, and says why', (arg) => {
    expect(() => soakDeliveryOptions([arg], 2)).toThrow(/--(seeds|from|workers|speed|engine)/);
  });

  it('gives each seed to one process', () => {
    expect(soakChunks({ seeds: 1_100, from: 5 })).toEqual([
      { from: 5, to: 505 },
      { from: 505, to: 1_005 },
      { from: 1_005, to: 1_105 },
    ]);
  });

  it('adds counts, keeps the longest, and every failure', () => {
    const one = { runCount: 2, longestCalmMs: 7, faultCounts: { cut: 1 }, failures: ['a'] };
    const two = { runCount: 3, longestCalmMs: 5, faultCounts: { cut: 2, stall: 1 }, failures: ['b'] };
    expect(addTally(addTally({}, one), two)).toEqual({
      runCount: 5,
      longestCalmMs: 7,
      faultCounts: { cut: 3, stall: 1 },
      failures: ['a', 'b'],
    });
    expect(addTally({ longestCalmMs: 5 }, JSON.parse('{"longestCalmMs":null}'))).toEqual({
      longestCalmMs: Number.POSITIVE_INFINITY,
    });
  });
});
