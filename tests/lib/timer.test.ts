import fc from 'fast-check';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createTimer } from '../../src/lib/timer.ts';
import { createTimerLine } from '../../src/testing/timer-line.ts';

const MINUTE_MS = 60_000;

describe('a timer', () => {
  it('waits once, and knows the moment it waits for', () => {
    const clock = createVirtualClock();
    const timer = createTimer(clock);
    const onDue = vi.fn();
    expect(timer.dueAt).toBe(null);
    timer.start(5_000, onDue);
    expect(timer.dueAt).toBe(5_000);
    clock.passes(MINUTE_MS);
    expect(onDue.mock.calls).toEqual([[0]]);
    expect([timer.dueAt, clock.timerCount]).toEqual([null, 0]);
  });

  it('knows how late it was after a sleep, by each ms', () => {
    const clock = createVirtualClock();
    const lateMs: number[] = [];
    const timer = createTimer(clock);
    for (const sleepMs of [5_000, 5_001, MINUTE_MS]) {
      timer.start(5_000, (ms) => lateMs.push(ms));
      clock.sleeps(sleepMs);
    }
    expect(lateMs).toEqual([0, 1, MINUTE_MS - 5_000]);
  });

  it('has one thing to wait for: the last', () => {
    const clock = createVirtualClock();
    const told: string[] = [];
    const timer = createTimer(clock);
    timer.start(1_000, () => told.push('first'));
    timer.start(2_000, () => told.push('second'));
    expect(clock.timerCount).toBe(1);
    clock.passes(MINUTE_MS);
    expect(told).toEqual(['second']);
  });

  it('starts again from within its own end', () => {
    const clock = createVirtualClock();
    const at: number[] = [];
    const timer = createTimer(clock);
    const beat = () =>
      timer.start(1_000, () => {
        at.push(clock.now());
        beat();
      });
    beat();
    clock.passes(3_500);
    expect(at).toEqual([1_000, 2_000, 3_000]);
  });

  it('may start again after it was stopped, and never after its end (I10)', () => {
    const clock = createVirtualClock();
    const onDue = vi.fn();
    const timer = createTimer(clock);
    timer.start(1_000, onDue);
    timer.stop();
    expect([clock.timerCount, timer.dueAt]).toEqual([0, null]);
    timer.start(1_000, onDue);
    expect(clock.timerCount).toBe(1);
    timer.end();
    timer.start(1_000, onDue);
    timer.expect(1_000, onDue);
    timer.stop();
    timer.start(1_000, onDue);
    expect([clock.timerCount, timer.dueAt]).toEqual([0, null]);
    clock.passes(MINUTE_MS);
    expect(onDue).not.toHaveBeenCalled();
  });

  it('puts a clock right that stands still while its timers fire, and trusts one that is a little behind', () => {
    const line = createTimerLine();
    const timer = createTimer(line);
    const late: number[] = [];
    const firesNow = () => {
      if (line.next !== null) line.firesNow(line.next);
    };
    timer.start(1_000, (ms) => late.push(ms));
    firesNow();
    expect([late, timer.now()]).toEqual([[-1_000], 0]);
    timer.start(5_000, (ms) => late.push(ms));
    firesNow();
    expect([late, line.now(), timer.now()]).toEqual([[-1_000, -5_000], 0, 5_000]);
    timer.start(5_000, () => {});
    expect(timer.dueAt).toBe(10_000);
  });
});

describe('a delay that no platform can wait for', () => {
  it('is cut to the longest that it can, and the clock is not taken to lag', () => {
    const line = createTimerLine();
    const asked: number[] = [];
    // As Node and browsers have it: what does not fit into 31 bits fires at once.
    const clock = {
      now: line.now,
      clearTimeout: line.clearTimeout,
      setTimeout(callback: () => void, delayMs: number) {
        asked.push(delayMs);
        return line.setTimeout(callback, delayMs > 2 ** 31 - 1 ? 1 : delayMs);
      },
    };
    const timer = createTimer(clock);
    for (const ms of [Number.POSITIVE_INFINITY, 2 ** 40, Number.NaN]) timer.start(ms, () => {});
    expect(asked).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 0]);
    if (line.next !== null) line.fires(line.next);
    expect(timer.now()).toBe(line.now());
  });
});

describe('what is expected of somebody', () => {
  const missedAfter = (pass: (clock: ReturnType<typeof createVirtualClock>) => void): number => {
    const clock = createVirtualClock();
    const missed = vi.fn();
    createTimer(clock).expect(5_000, missed);
    pass(clock);
    return missed.mock.calls.length;
  };

  it('is missed once, when its time is over', () => {
    expect(missedAfter((clock) => clock.passes(4_999))).toBe(0);
    expect(missedAfter((clock) => clock.passes(MINUTE_MS))).toBe(1);
  });

  it('is missed by a timer that is up to a second late, and has its whole time again after one that is later (I18)', () => {
    expect(missedAfter((clock) => clock.sleeps(6_000))).toBe(1);
    expect(missedAfter((clock) => clock.sleeps(6_001))).toBe(0);
    const slept = (ms: number) => (clock: ReturnType<typeof createVirtualClock>) => {
      clock.sleeps(MINUTE_MS);
      clock.passes(ms);
    };
    expect([missedAfter(slept(4_999)), missedAfter(slept(5_000))]).toEqual([0, 1]);
  });

  it('is missed in a hidden tab too, whose timers fire once a minute', () => {
    expect(
      missedAfter((clock) => {
        clock.sleeps(MINUTE_MS);
        clock.sleeps(MINUTE_MS);
      }),
    ).toBe(1);
  });

  it('is missed once and within two times and what was slept, however the clock jumps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ isAsleep: fc.boolean(), ms: fc.integer({ min: 0, max: 20_000 }) }), {
          maxLength: 12,
        }),
        (spans) => {
          const clock = createVirtualClock();
          const missedAt: number[] = [];
          createTimer(clock).expect(5_000, () => missedAt.push(clock.now()));
          for (const { isAsleep, ms } of spans) (isAsleep ? clock.sleeps : clock.passes)(ms);
          clock.passes(10_000);
          const sleptMs = spans.reduce((sum, { isAsleep, ms }) => sum + (isAsleep ? ms : 0), 0);
          expect(missedAt).toHaveLength(1);
          expect(missedAt[0]).toBeGreaterThanOrEqual(5_000);
          expect(missedAt[0]).toBeLessThanOrEqual(10_000 + sleptMs);
        },
      ),
    );
  });
});
