import { type ConnectionChartSnapshot, failureOf, statusOf } from '../../machines/index.ts';
import { finiteOrNull } from '../lib/finite-or-null.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createReadable, hasSameMembers } from '../lib/readable.ts';
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

const NOTHING_AWAITED = { wait: null, nextRetryAt: null } as const;

export const createSnapshotStore = (
  chart: ConnectionChartSnapshot,
  now: () => number,
  onListenerFault: (cause: unknown) => void,
): SnapshotStore => {
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

  const snapshots = createReadable(Object.freeze(project(chart)), onListenerFault);
  const replace = (next: ConnectionSnapshot): void => {
    if (!hasSameMembers(snapshots.current, next)) snapshots.set(Object.freeze(next));
  };

  return {
    get current() {
      return snapshots.current;
    },
    update: (snapshot) => replace(project(snapshot)),
    crashed: () =>
      replace({ ...snapshots.current, ...NOTHING_AWAITED, status: 'failed', failure: 'crashed' }),
    // A chart that is stopped inside one of its own steps still ends the step, and tells of it to nobody.
    disposed: () =>
      snapshots.end(
        Object.freeze({ ...snapshots.current, ...NOTHING_AWAITED, status: 'idle', failure: null }),
      ),
    subscribe: snapshots.subscribe,
  };
};
