import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scheduleFrame } from '../../src/actors/frame-scheduler.ts';

const pageIs = (visibilityState: DocumentVisibilityState) =>
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibilityState);

beforeEach(() => {
  vi.useFakeTimers();
  pageIs('visible');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the frame scheduler', () => {
  it('runs in the next animation frame of a visible page, once', () => {
    const requested = vi.spyOn(globalThis, 'requestAnimationFrame');
    const run = vi.fn();
    scheduleFrame(run);
    expect(requested).toHaveBeenCalledOnce();
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersToNextFrame();
    expect(run).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs in a hidden tab, where no animation frame comes', () => {
    const requested = vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
    pageIs('hidden');
    const run = vi.fn();
    scheduleFrame(run);
    vi.advanceTimersByTime(16);
    expect(run).toHaveBeenCalledOnce();
    expect(requested).not.toHaveBeenCalled();
  });

  it('runs where there are animation frames and no document, as in React Native', () => {
    vi.stubGlobal('document', undefined);
    const run = vi.fn();
    scheduleFrame(run);
    vi.advanceTimersByTime(16);
    vi.unstubAllGlobals();
    expect(run).toHaveBeenCalledOnce();
  });

  it('runs within 100 ms when the tab was hidden after it asked for a frame', () => {
    vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
    const run = vi.fn();
    scheduleFrame(run);
    pageIs('hidden');
    vi.advanceTimersByTime(100);
    expect(run).toHaveBeenCalledOnce();
  });

  it('does not run once cancelled, and leaves no timer', () => {
    const run = vi.fn();
    scheduleFrame(run)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(run).not.toHaveBeenCalled();
  });
});
