import type { AnyEventObject } from 'xstate';
import type { ConnectionWish } from '../../machines/index.ts';
import type { Transport } from '../actors/socket.ts';

/** Whose a connection is, from the wish on until the next one. */
interface Lease {
  /** Null: nobody's. */
  readonly userId: string | null;
  /** The wish that began it, until the chart has taken it. */
  wish: AnyEventObject | null;
  transport: Transport | null;
}

/** The last one of a connection: nobody's, and none follows. */
const OVER: Lease = Object.freeze({ userId: null, wish: null, transport: null });

/**
 * The user of one connection, and with them the socket that may be spoken on. A wish replaces the user at once, however late the
 * chart takes it: a chart that is in one of its steps lets events wait, and what is said meanwhile must not go out in the name of the
 * user who was left (I14), nor may a socket be dialled for them (I1).
 */
export interface UserLease {
  /** The socket of the user; null where they have none yet. */
  readonly transport: Transport | null;
  /** The chart has yet to take the wish that made this user the user. */
  readonly isAwaited: boolean;
  /** The connection has ended. */
  readonly isOver: boolean;
  /** An attempt begins. One for somebody else is given up before it dials. */
  begins(transport: Transport): void;
  /** Sends a wish to the chart. The user whom it leaves is left when this returns. */
  wishes(wish: ConnectionWish, send: (wish: ConnectionWish) => void): void;
  /** The chart has taken an event; by itself, or because somebody fired it by hand, it may be another user's now. */
  stepped(event: AnyEventObject, userId: string | null): void;
  /** Ends it for good. Returns the socket that is left behind, for the caller to abandon. */
  end(): Transport | null;
}

export const createUserLease = (): UserLease => {
  let lease: Lease = { userId: null, wish: null, transport: null };
  return {
    get transport() {
      return lease.transport;
    },
    get isAwaited() {
      return lease.wish !== null;
    },
    get isOver() {
      return lease === OVER;
    },
    begins(transport) {
      if (lease !== OVER && transport.userId === lease.userId) lease.transport = transport;
      else transport.abandon();
    },
    wishes(wish, send) {
      const left = lease;
      const userId = wish.type === 'user.connect' ? wish.userId : null;
      // Its own user may ask again from within the step that makes the socket.
      if (userId === null || userId !== left.userId) lease = { userId, wish, transport: null };
      send(wish);
      if (lease !== left) left.transport?.abandon();
    },
    stepped(event, userId) {
      if (lease === OVER) return;
      if (event === lease.wish) lease.wish = null;
      if (lease.wish === null && userId !== lease.userId) lease = { userId, wish: null, transport: null };
    },
    end() {
      const { transport } = lease;
      lease = OVER;
      return transport;
    },
  };
};
