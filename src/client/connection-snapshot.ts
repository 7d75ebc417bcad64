import { type ConnectionChartSnapshot, failureOf, statusOf } from '../../machines/index.ts';
import { finiteOrNull } from '../lib/finite-or-null.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { runListener } from '../lib/run-listener.ts';
import type { ConnectionSnapshot } from './connection.ts';
import { createWaitWatch } from './wait-watch.ts';

/** Keeps the public snapshot: frozen, the same object until something in it changes. */
export interface SnapshotStore {
  readonly current: ConnectionSnapshot;
  /** Takes the chart's newest snapshot and tells subscribers if that changes anything they can see. */
  update(chart: ConnectionChartSnapshot): void;
  /** The chart crashed: status failed. */
  crashed(): void;
  /** The connection was disposed of: status idle, and nobody is told of anything more. */
  disposed(): void;
  subscribe(listener: () => void): Unsubscribe;
}

const sameSnapshot = (a: ConnectionSnapshot, b: ConnectionSnapshot): boolean =>
  (Object.keys(a) as (keyof ConnectionSnapshot)[]).every((name) => a[name] === b[name]);

const NOTHING_AWAITED = { wait: null, nextRetryAt: null } as const;

export const createSnapshotStore = (
  chart: ConnectionChartSnapshot,
  now: () => number,
  onListenerFault: (cause: unknown) => void,
): SnapshotStore => {
  const listeners = createListenerList<() => void>();
  const waits = createWaitWatch(now);

  const project = (snapshot: ConnectionChartSnapshot): ConnectionSnapshot => {
    const { retryCount, settings, lastEnd } = snapshot.context;
    const wait = waits.see(snapshot);
    return {
      status: statusOf(snapshot),
      failure: failureOf(snapshot),
      retryCount,
      maxRetries: finiteOrNull(settings.maxRetries),
      wait,
      nextRetryAt: wait?.until ?? null,
      lastEnd: lastEnd === null ? null : Object.freeze(lastEnd),
    };
  };

  let current = Object.freeze(project(chart));

  // A chart that is stopped inside one of its own steps still ends the step, and tells of it.
  let over = false;

  const replace = (next: ConnectionSnapshot): void => {
    if (over || sameSnapshot(current, next)) return;
    current = Object.freeze(next);
    listeners.each((listener) => runListener(listener, onListenerFault));
  };

  return {
    get current() {
      return current;
    },
    update: (snapshot) => replace(project(snapshot)),
    crashed: () => replace({ ...current, ...NOTHING_AWAITED, status: 'failed', failure: 'crashed' }),
    disposed() {
      over = true;
      listeners.clear();
      current = Object.freeze({ ...current, ...NOTHING_AWAITED, status: 'idle', failure: null });
    },
    subscribe: listeners.add,
  };
};
