import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createIdleCuts } from '../../src/actors/idle-cuts.ts';
import { createQuietTime } from '../../src/actors/quiet-time.ts';

const start = () => {
  const clock = createVirtualClock();
  let readingCount = 0;
  const counted = {
    ...clock,
    now: () => {
      readingCount += 1;
      return clock.now();
    },
  };
  const quiet = createQuietTime(counted);
  const pass = (count: number) => {
    for (let passed = 0; passed < count; passed += 1) quiet.passed();
  };
  return { clock, quiet, pass, readingCount: () => readingCount };
};

describe('the quiet time of a socket', () => {
  it('counts from the last frame that passed', () => {
    const { clock, quiet, pass } = start();
    pass(1);
    clock.passes(3_000);
    pass(1);
    clock.passes(5_000);
    expect(quiet.ms()).toBe(5_000);
  });

  it('costs a burst no reading of the clock per frame', () => {
    const { pass, readingCount } = start();
    pass(100_000);
    expect(readingCount()).toBeLessThan(100);
  });

  it('is not known after a burst, and known again from the next frame after a look', () => {
    const { clock, quiet, pass } = start();
    pass(1_000);
    quiet.looked();
    clock.passes(60_000);
    expect(quiet.ms()).toBeNull();
    pass(1);
    clock.passes(60_000);
    expect(quiet.ms()).toBe(60_000);
  });

  it('that is not known is no cut after a quiet time, and breaks no row of them', () => {
    const codes: string[] = [];
    const cuts = createIdleCuts(({ code }) => codes.push(code));
    for (const ms of [60_000, null, 60_000, null]) cuts.closed(ms, 1006);
    expect(codes).toEqual([]);
    cuts.closed(60_000, 1006);
    expect(codes).toEqual(['idle-timeout']);
  });
});
