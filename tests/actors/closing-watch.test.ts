import { createVirtualClock } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';
import { createClosingWatch } from '../../src/actors/closing-watch.ts';

it('I10 a platform that tells of the close while it is forced leaves no timer, and nothing is stuck', () => {
  const clock = createVirtualClock();
  const onStuck = vi.fn();
  const force = vi.fn(() => {
    watch.stop();
    return true;
  });
  const watch = createClosingWatch({ socket: { readyState: 2 }, clock, onLook() {}, force, onStuck });
  watch.look();
  clock.passes(3_000);
  expect([force.mock.calls.length, clock.timerCount]).toEqual([1, 0]);
  clock.passes(60_000);
  expect(onStuck).not.toHaveBeenCalled();
});
