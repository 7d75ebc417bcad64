import { type ConnectionChartSnapshot, failureOf, statusOf } from '../../machines/index.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { runListener } from '../lib/run-listener.ts';
import type { ConnectionSnapshot } from './connection.ts';

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

const NAMES = ['status', 'failure', 'retryCount', 'maxRetries', 'nextRetryAt', 'lastEnd'] as const;

const sameSnapshot = (a: ConnectionSnapshot, b: ConnectionSnapshot): boolean =>
  NAMES.every((name) => a[name] === b[name]);

export const createSnapshotStore = (
  chart: ConnectionChartSnapshot,
  now: () => number,
  onListenerFault: (cause: unknown) => void,
): SnapshotStore => {
  const listeners = createListenerList<() => void>();
  let plannedRetry: object | null = null;
  let nextRetryAt: number | null = null;

  const noteNextRetry = (snapshot: ConnectionChartSnapshot): void => {
    if (!snapshot.matches({ backoff: 'waiting' }) && !snapshot.matches({ backoff: 'spreading' })) {
      plannedRetry = null;
      nextRetryAt = null;
    } else if (snapshot.context.plannedRetry !== plannedRetry) {
      plannedRetry = snapshot.context.plannedRetry;
      nextRetryAt = now() + snapshot.context.plannedRetry.delayMs;
    }
  };

  const project = (snapshot: ConnectionChartSnapshot): ConnectionSnapshot => ({
    status: statusOf(snapshot),
    failure: failureOf(snapshot),
    retryCount: snapshot.context.retryCount,
    maxRetries: snapshot.context.settings.maxRetries,
    nextRetryAt,
    lastEnd: snapshot.context.lastEnd === null ? null : Object.freeze(snapshot.context.lastEnd),
  });

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
    update(snapshot) {
      noteNextRetry(snapshot);
      replace(project(snapshot));
    },
    crashed: () => replace({ ...current, status: 'failed', failure: 'crashed', nextRetryAt: null }),
    disposed() {
      over = true;
      listeners.clear();
      current = Object.freeze({ ...current, status: 'idle', failure: null, nextRetryAt: null });
    },
    subscribe: listeners.add,
  };
};
