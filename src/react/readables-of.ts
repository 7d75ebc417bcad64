import type { Observer, Subscribable } from 'xstate';
import type { ConnectionSnapshot } from '../client/connection.ts';
import type { DeliverySnapshot, OutboxEntry } from '../client/delivery-view.ts';
import { idleSnapshotOf, WAITING_DELIVERY } from '../client/idle-snapshots.ts';
import { NO_OUTBOX } from '../client/no-outbox.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import type { RegisteredConnection } from './register.ts';

/** What @xstate/react's `useSelector` reads: something in the shape of an actor. */
export interface Readable<Snapshot> extends Subscribable<Snapshot> {
  getSnapshot(): Snapshot;
}

/** One thing to read: as it is now, and as a server renders it. */
export interface ReadablePair<Snapshot> {
  readonly live: Readable<Snapshot>;
  readonly onServer: Readable<Snapshot>;
}

/** All that hooks read of a connection. */
export interface Readables {
  readonly snapshot: ReadablePair<ConnectionSnapshot>;
  readonly delivery: ReadablePair<DeliverySnapshot>;
  readonly outbox: ReadablePair<readonly OutboxEntry[]>;
}

const readable = <Snapshot>(
  getSnapshot: () => Snapshot,
  subscribe: (listener: () => void) => Unsubscribe,
): Readable<Snapshot> => ({
  getSnapshot,
  subscribe(observer: Observer<Snapshot> | ((snapshot: Snapshot) => void)) {
    const tell = typeof observer === 'function' ? observer : observer.next?.bind(observer);
    return { unsubscribe: subscribe(() => tell?.(getSnapshot())) };
  },
});

const steady = <Snapshot>(snapshot: Snapshot): Readable<Snapshot> =>
  readable(
    () => snapshot,
    () => () => {},
  );

const known = new WeakMap<RegisteredConnection, Readables>();

/**
 * What there is to read of a connection, the same objects each time. The hooks read this and not `connection.actor`:
 * `useSelector` throws in render once an actor has died, while the public snapshot then says `failed`, and the chart's
 * snapshot changes on events that nobody can see.
 */
export const readablesOf = (connection: RegisteredConnection): Readables => {
  const found = known.get(connection);
  if (found !== undefined) return found;
  const { delivery, outbox } = connection;
  const made: Readables = {
    snapshot: {
      live: readable(
        () => connection.getSnapshot(),
        (listener) => connection.subscribe(listener),
      ),
      onServer: steady(idleSnapshotOf(connection.getSnapshot().maxRetries)),
    },
    delivery: {
      live: readable(delivery.getSnapshot, delivery.subscribe),
      onServer: steady(WAITING_DELIVERY),
    },
    outbox: { live: readable(() => outbox.entries, outbox.subscribe), onServer: steady(NO_OUTBOX.entries) },
  };
  known.set(connection, made);
  return made;
};
