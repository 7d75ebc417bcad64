import type { ScheduleFrame } from '../lib/coalescer.ts';

/** A frame where nothing is painted: in a hidden tab and outside browsers. */
const UNPAINTED_FRAME_MS = 16;
/** How long a page that was visible a moment ago may owe a frame: it may have been hidden since, or be occluded. */
const LATE_FRAME_MS = 100;

/**
 * The platform's frame: `requestAnimationFrame` while the page is visible, raced with a timer, since a tab that is
 * hidden before its frame never gets one; a timer alone in hidden tabs and in Node. Browsers slow the timers of tabs
 * that have long been hidden down to one a minute. Globals are looked up at each call; importing this touches none.
 */
export const scheduleFrame: ScheduleFrame = (run) => {
  const painted =
    typeof requestAnimationFrame === 'function' &&
    typeof document !== 'undefined' &&
    document.visibilityState === 'visible';
  const cancel = (): void => {
    clearTimeout(timer);
    if (frame !== null) cancelAnimationFrame(frame);
  };
  const runOnce = (): void => {
    cancel();
    run();
  };
  const timer = setTimeout(runOnce, painted ? LATE_FRAME_MS : UNPAINTED_FRAME_MS);
  const frame = painted ? requestAnimationFrame(runOnce) : null;
  return cancel;
};
