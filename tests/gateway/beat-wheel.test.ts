import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createBeatWheel } from '../../src/gateway/session/beat-wheel.ts';

const EVERY_MS = 14_000;

const startWheel = () => {
  const clock = createVirtualClock();
  const wheel = createBeatWheel(clock, EVERY_MS);
  const join = () => {
    const beats: { at: number; isLate: boolean }[] = [];
    const member = { beat: (at: number, isLate: boolean) => void beats.push({ at, isLate }) };
    const slot = wheel.add(member);
    return { beats, times: () => beats.map(({ at }) => at), leave: () => wheel.remove(member, slot) };
  };
  return { clock, join };
};

describe('the wheel of heartbeats', () => {
  it('beats for one who is alone exactly when the interval is over, again and again', () => {
    const { clock, join } = startWheel();
    clock.passes(1_234);
    const { times } = join();
    clock.passes(3 * EVERY_MS);
    expect(times()).toEqual([1, 2, 3].map((n) => 1_234 + n * EVERY_MS));
  });

  it('lets nobody wait longer than an interval, and beats once in each', () => {
    const { clock, join } = startWheel();
    const members = Array.from({ length: 300 }, () => {
      const member = { joinedAt: clock.now(), ...join() };
      clock.passes(37);
      return member;
    });
    clock.passes(5 * EVERY_MS);
    for (const { joinedAt, times } of members) {
      const [first = 0, ...others] = times();
      expect(first - joinedAt).toBeGreaterThan(0);
      expect(first - joinedAt).toBeLessThanOrEqual(EVERY_MS);
      expect(others.slice(0, 3)).toEqual([1, 2, 3].map((n) => first + n * EVERY_MS));
    }
  });

  it('spreads 2,000 who come at once over the interval, on one timer', () => {
    const { clock, join } = startWheel();
    const members = Array.from({ length: 2_000 }, join);
    expect(clock.timerCount).toBe(1);
    clock.passes(EVERY_MS);
    const counts = new Map<number, number>();
    for (const { times } of members) {
      expect(times()).toHaveLength(1);
      for (const at of times()) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(64);
    expect(clock.timerCount).toBe(1);
  });

  it('beats at once for all when it stood still, says so, and each waits for its turn from then on', () => {
    const { clock, join } = startWheel();
    const early = join();
    clock.passes(5_000);
    const later = join();
    clock.passes(10_000);
    clock.sleeps(60_000);
    expect(early.beats.slice(1)).toEqual([{ at: 75_000, isLate: true }]);
    expect(later.beats).toEqual([{ at: 75_000, isLate: true }]);
    clock.passes(EVERY_MS);
    for (const { beats } of [early, later]) {
      expect(beats.at(-1)?.isLate).toBe(false);
      expect(beats.at(-1)?.at).toBeLessThanOrEqual(75_000 + EVERY_MS);
    }
  });

  it('catches up with what a busy loop held up for less than half an interval, and judges it as usual', () => {
    const { clock, join } = startWheel();
    const { beats } = join();
    clock.passes(EVERY_MS - 1_000);
    clock.sleeps(5_000);
    clock.passes(EVERY_MS);
    expect(beats).toEqual([
      { at: 18_000, isLate: false },
      { at: 28_000, isLate: false },
    ]);
  });

  it('has no timer when nobody is there, also when the last one goes during its beat (I10)', () => {
    const { clock, join } = startWheel();
    const [one, two] = [join(), join()];
    one.leave();
    one.leave();
    expect(clock.timerCount).toBe(1);
    two.leave();
    expect(clock.timerCount).toBe(0);
    const wheel = createBeatWheel(clock, EVERY_MS);
    const last = { beat: () => wheel.remove(last, slot) };
    const slot = wheel.add(last);
    clock.passes(EVERY_MS);
    expect(clock.timerCount).toBe(0);
  });
});
