import {
  CONNECT_BUDGET_COUNT,
  type ConnectionChartSnapshot,
  type ConnectionWait,
  refundDelayMs,
  waitOf,
} from '../../machines/index.ts';

/** What a connection waits for, and until when. Frozen. */
export interface Waiting {
  readonly why: ConnectionWait;
  /** In ms since 1970, comparable with `Date.now()`; null where no end is known. */
  readonly until: number | null;
}

/** Tells when waits end. The chart reads no clock (I18): when something began is noted here, as soon as it is seen. */
export interface WaitWatch {
  /** Takes every snapshot of the chart. The same object until the wait, or its end, is another. */
  see(chart: ConnectionChartSnapshot): Waiting | null;
}

/** Notes when each attempt is refunded to the connect budget, oldest first. */
const createRefunds = (now: () => number) => {
  const dueAt: number[] = [];
  const seen = new WeakSet<object>();
  return {
    see({ children, context }: ConnectionChartSnapshot): void {
      const attempt = children.socket;
      if (attempt !== undefined && !seen.has(attempt)) {
        seen.add(attempt);
        dueAt.push(now() + refundDelayMs(context.settings));
      }
      // Refunds come in the order of the attempts: as many are left as the budget misses.
      const missing = Math.max(0, CONNECT_BUDGET_COUNT - context.connectBudget);
      dueAt.splice(0, dueAt.length - missing);
    },
    get nextAt(): number | null {
      return dueAt[0] ?? null;
    },
  };
};

export const createWaitWatch = (now: () => number): WaitWatch => {
  const refunds = createRefunds(now);
  /** When each wait that the chart has planned ends, from when it was first seen on. */
  const ends = new WeakMap<object, number>();
  let current: Waiting | null = null;

  const untilOf = (why: ConnectionWait, { plannedWait }: ConnectionChartSnapshot['context']) => {
    if (why === 'throttled') return refunds.nextAt;
    const until = ends.get(plannedWait) ?? now() + plannedWait.delayMs;
    ends.set(plannedWait, until);
    return until;
  };

  return {
    see(chart) {
      refunds.see(chart);
      const why = waitOf(chart);
      const until = why === null ? null : untilOf(why, chart.context);
      if (why !== current?.why || until !== current?.until) {
        current = why === null ? null : Object.freeze({ why, until });
      }
      return current;
    },
  };
};
