import { createVirtualClock } from 'statesocket/testing';
import { expect, it } from 'vitest';
import { createReportLimit } from '../../src/lib/report-limit.ts';

it('lets so many reports of a cause through in any minute, counts the others, and keeps causes apart', () => {
  const clock = createVirtualClock();
  const limit = createReportLimit(2, clock);
  expect([limit('a'), limit('a'), limit('a'), limit('b')]).toEqual([0, 0, null, 0]);
  clock.passes(59_999);
  expect(limit('a')).toBeNull();
  clock.passes(1);
  expect([limit('a'), limit('a'), limit('a')]).toEqual([2, 0, null]);
});

it('I15 remembers a hundred causes, and no more', () => {
  const limit = createReportLimit(1, createVirtualClock());
  for (let cause = 0; cause <= 100; cause += 1) expect(limit(`cause ${cause}`)).toBe(0);
  expect(limit('cause 100')).toBeNull();
  expect(limit('cause 0')).toBe(0);
});
