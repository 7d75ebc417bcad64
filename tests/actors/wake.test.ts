import { createVirtualClock } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor, createMachine, fromCallback } from 'xstate';
import { createWakeActor } from '../../src/actors/wake.ts';
import { type Clock, platformClock } from '../../src/lib/clock.ts';

/** Runs the actor under a parent that writes down what it is told. */
const startWake = (clock: Clock, heartbeatMs?: number) => {
  const told: string[] = [];
  const parent = createMachine({
    invoke: { src: fromCallback(createWakeActor(clock, heartbeatMs)) },
    on: { '*': { actions: ({ event }) => told.push(event.type) } },
  });
  const actor = createActor(parent).start();
  return { told, stop: () => actor.stop() };
};

const HOUR_MS = 3_600_000;

describe('the watch for sleep', () => {
  it('says nothing while timers are on time', () => {
    const clock = createVirtualClock();
    const { told } = startWake(clock);
    clock.passes(24 * HOUR_MS);
    expect(told).toEqual([]);
  });

  it('says nothing when a busy page keeps a timer for up to 5 s', () => {
    const clock = createVirtualClock();
    const { told } = startWake(clock);
    clock.sleeps(20_000);
    clock.sleeps(20_000);
    expect(told).toEqual([]);
  });

  it('tells of a timer that is later than that, once, and watches on', () => {
    const clock = createVirtualClock();
    const { told } = startWake(clock);
    clock.sleeps(20_001);
    expect(told).toEqual(['page.shown']);
    clock.passes(HOUR_MS);
    expect(told).toEqual(['page.shown']);
    clock.sleeps(8 * HOUR_MS);
    expect(told).toEqual(['page.shown', 'page.shown']);
  });

  it('I10 leaves no timer when it stops', () => {
    const clock = createVirtualClock();
    const { told, stop } = startWake(clock);
    clock.passes(100_000);
    expect(clock.timerCount).toBe(1);
    stop();
    expect(clock.timerCount).toBe(0);
    clock.sleeps(HOUR_MS);
    expect(told).toEqual([]);
  });

  it.each([
    [undefined, 15_000],
    [1_000, 15_000],
    [14_000, 15_000],
    [60_000, 60_000],
  ])('with a heartbeat of %s ms it looks every %s ms', (heartbeatMs, checkMs) => {
    const clock = createVirtualClock();
    const delays: number[] = [];
    const { stop } = startWake(
      {
        ...clock,
        setTimeout: (callback, delayMs) => {
          delays.push(delayMs);
          return clock.setTimeout(callback, delayMs);
        },
      },
      heartbeatMs,
    );
    clock.passes(checkMs * 3);
    expect(delays).toEqual([checkMs, checkMs, checkMs, checkMs]);
    stop();
  });
});

describe('the watch for sleep on the clock of the platform', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ['forward by a year', new Date('2031-01-01')],
    ['back by a year', new Date('2029-01-01')],
  ])('I18 says nothing when the wall clock is set %s', (_, wall) => {
    vi.useFakeTimers({ now: new Date('2030-01-01') });
    const { told, stop } = startWake(platformClock);
    vi.advanceTimersByTime(1_000);
    const monotonic = platformClock.now();
    vi.setSystemTime(wall);
    expect(platformClock.now()).toBe(monotonic);
    vi.advanceTimersByTime(HOUR_MS);
    expect(told).toEqual([]);
    stop();
  });

  it('tells of sleep although the wall clock was set so as to hide it', () => {
    vi.useFakeTimers({ now: new Date('2030-01-01') });
    const { told, stop } = startWake(platformClock);
    const now = vi.spyOn(performance, 'now');
    const slept = performance.now() + HOUR_MS;
    now.mockReturnValue(slept);
    vi.setSystemTime(new Date('2030-01-01'));
    vi.advanceTimersByTime(15_000);
    expect(told).toEqual(['page.shown']);
    now.mockRestore();
    stop();
  });
});
