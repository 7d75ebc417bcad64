/** A clock for the option of the same name that counts the timers that fire. Time stands still but for `advance()`. */
export const createVirtualClock = () => {
  const timers = new Map();
  let nowMs = 0;
  let nextHandle = 1;
  let firedCount = 0;
  return {
    now: () => nowMs,
    setTimeout(callback, delayMs) {
      const handle = nextHandle;
      nextHandle += 1;
      timers.set(handle, { dueAt: nowMs + delayMs, callback });
      return handle;
    },
    clearTimeout: (handle) => timers.delete(handle),
    get firedCount() {
      return firedCount;
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        let next = null;
        for (const [handle, { dueAt }] of timers) {
          if (dueAt <= untilMs && (next === null || dueAt < next.dueAt)) next = { handle, dueAt };
        }
        if (next === null) break;
        const { callback } = timers.get(next.handle);
        timers.delete(next.handle);
        nowMs = next.dueAt;
        firedCount += 1;
        callback();
      }
      nowMs = untilMs;
    },
  };
};
