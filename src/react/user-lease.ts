import { createErrorChannel } from '../client/error-channel.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { ProvidedConnection } from './register.ts';

/** What one mounted provider holds of its connection. */
export interface UserLease {
  /**
   * Who is signed in, as this provider sees it.
   * @throws {StatesocketError} `bad-user-id`
   */
  name(userId: string | number | null): void;
  /** The provider mounts. Returns what it does when it unmounts. */
  hold(): () => void;
}

/** The providers that are mounted on one connection, the one that named a user last at the end; null: it names nobody. */
interface Leases {
  readonly users: Map<UserLease, string | null>;
  hasWarned: boolean;
}

const known = new WeakMap<ProvidedConnection, Leases>();

const leasesOf = (connection: ProvidedConnection): Leases => {
  const found = known.get(connection);
  if (found !== undefined) return found;
  const made: Leases = { users: new Map(), hasWarned: false };
  known.set(connection, made);
  return made;
};

const DISAGREE =
  'The ConnectionProviders of one connection name different users, or one says that nobody is signed in and another names ' +
  'somebody. The user that was named last is served, and nobody is logged out. Give all of them the same userId, or each ' +
  'user a connection of their own.';

/**
 * One provider's say in whose connection it is. Several may be mounted on one connection:
 *
 * - A user wins over nobody. Of two users, the one that was named last.
 * - `logout` comes when a provider's user goes away while it is mounted, and no other names one.
 * - `disconnect` comes when the last that names a user unmounts, or the last of all: in a microtask, so that a remount within the
 *   same commit, as StrictMode's, keeps the socket.
 * - Providers that disagree once the commit is over are told so, once per connection (`providers-disagree`, to `console.warn`).
 */
export const createLease = (connection: ProvidedConnection): UserLease => {
  const leases = leasesOf(connection);
  const { users } = leases;
  const named = (): string | null => [...users.values()].findLast((user) => user !== null) ?? null;

  const warnIf = (disagrees: () => boolean): void =>
    queueMicrotask(() => {
      if (leases.hasWarned || !disagrees()) return;
      leases.hasWarned = true;
      createErrorChannel().report(new StatesocketError('providers-disagree', DISAGREE));
    });
  const nameTwo = (): boolean => new Set([...users.values()].filter((user) => user !== null)).size > 1;

  const release = (): void => {
    const had = users.get(lease) ?? null;
    const wasServed = had !== null && had === named();
    users.delete(lease);
    queueMicrotask(() => {
      const user = named();
      if (user === null && (had !== null || users.size === 0)) connection.disconnect();
      else if (user !== null && wasServed && user !== had) connection.connect({ userId: user });
    });
  };

  const lease: UserLease = {
    name(userId) {
      const before = users.get(lease) ?? null;
      users.delete(lease);
      const others = named();
      if (userId === null) {
        users.set(lease, null);
        if (before === null) return;
        if (others === null) connection.logout();
        else {
          if (others !== before) connection.connect({ userId: others });
          warnIf(() => users.get(lease) === null && named() !== null);
        }
        return;
      }
      // One of its own dials again where the connection has failed; a second provider of the same user does not.
      if (others !== String(userId)) connection.connect({ userId });
      users.set(lease, String(userId));
      warnIf(nameTwo);
    },
    hold() {
      users.set(lease, null);
      return release;
    },
  };
  return lease;
};
