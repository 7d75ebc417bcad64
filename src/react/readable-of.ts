import { type Observer, type Subscribable, toObserver } from 'xstate';
import type { ConnectionSnapshot } from '../client/connection.ts';
import type { RegisteredConnection } from './register.ts';

/** What @xstate/react's `useSelector` reads. */
export interface ReadableConnection extends Subscribable<ConnectionSnapshot> {
  getSnapshot(): ConnectionSnapshot;
}

const readables = new WeakMap<RegisteredConnection, ReadableConnection>();

/**
 * A connection in the shape of an actor, the same object each time. The hooks read this and not `connection.actor`:
 * `useSelector` throws in render once an actor has died, while the public snapshot then says `failed`, and the chart's
 * snapshot changes on events that nobody can see.
 */
export const readableOf = (connection: RegisteredConnection): ReadableConnection => {
  const known = readables.get(connection);
  if (known !== undefined) return known;
  const readable: ReadableConnection = {
    getSnapshot: () => connection.getSnapshot(),
    subscribe(listener: Observer<ConnectionSnapshot> | ((snapshot: ConnectionSnapshot) => void)) {
      const observer = toObserver(listener);
      return { unsubscribe: connection.subscribe(() => observer.next?.(connection.getSnapshot())) };
    },
  };
  readables.set(connection, readable);
  return readable;
};
