import { useEffect, useState } from 'react';

/** How often the countdown looks at the clock: twice a second, so that no second is skipped. */
const TICK_MS = 500;

const secondsUntil = (at: number): number => Math.max(0, Math.ceil((at - Date.now()) / 1_000));

/** Whole seconds until a moment (`nextRetryAt`), renewed as they pass; null where there is none. */
export const useCountdown = (at: number | null): number | null => {
  const [, tick] = useState(0);
  useEffect(() => {
    if (at === null) return;
    const timer = setInterval(() => tick((count) => count + 1), TICK_MS);
    return () => clearInterval(timer);
  }, [at]);
  return at === null ? null : secondsUntil(at);
};
