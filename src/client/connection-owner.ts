import type { AnyEventObject } from 'xstate';
import type { ConnectionWish } from '../../machines/index.ts';
import type { Transport } from '../actors/transport.ts';

/** Whose a connection is, from the wish on until the next one. */
interface Owner {
  /** Null: nobody's. */
  readonly userId: string | null;
  /** The wish that began it, until the chart has taken it. */
  wish: AnyEventObject | null;
  transport: Transport | null;
  /** The socket of the owner before. */
  readonly left: Transport | null;
}

const ownerOf = (userId: string | null, wish: AnyEventObject | null, left: Transport | null): Owner => ({
  userId,
  wish,
  transport: null,
  left,
});

/** The last one of a connection: nobody's, and none follows. */
const OVER: Owner = Object.freeze(ownerOf(null, null, null));

/**
 * The user of one connection, and with them the socket that may be spoken on. A wish replaces the user at once, however late the
 * chart takes it: a chart that is in one of its steps lets events wait, and what is said meanwhile must not go out in the name of the
 * user who was left (I14), nor may a socket be dialled for them (I1).
 */
export interface ConnectionOwner {
  /** The socket of the user; null where they have none yet. */
  readonly transport: Transport | null;
  /** The user's turn, as a value to compare: each wish for another begins a new one. */
  readonly turn: unknown;
  /** The chart has yet to take the wish that made this user the user. */
  readonly isAwaited: boolean;
  /** The connection has ended. */
  readonly isOver: boolean;
  /** An attempt begins. False: it is for somebody else, and must not dial. */
  begins(transport: Transport): boolean;
  /** Sends a wish to the chart. The user whom it leaves is left when this returns. */
  wishes(wish: ConnectionWish, send: (wish: ConnectionWish) => void): void;
  /** The chart has taken an event; by itself, or because somebody fired it by hand, it may be another user's now. */
  stepped(event: AnyEventObject, userId: string | null): void;
  /** Ends it for good. Returns the socket that is left behind, for the caller to abandon. */
  end(): Transport | null;
}

export const createConnectionOwner = (): ConnectionOwner => {
  let owner = ownerOf(null, null, null);
  return {
    get transport() {
      return owner.transport;
    },
    get turn() {
      return owner;
    },
    get isAwaited() {
      return owner.wish !== null;
    },
    get isOver() {
      return owner === OVER;
    },
    begins(transport) {
      if (transport.userId !== owner.userId) return false;
      owner.transport = transport;
      return true;
    },
    wishes(wish, send) {
      const userId = wish.type === 'user.connect' ? wish.userId : null;
      // Its own user may ask again from within the step that makes the socket.
      if (userId === null || userId !== owner.userId) {
        owner = ownerOf(userId, wish, owner.transport);
      }
      const { left: socket } = owner;
      send(wish);
      // A chart that is in a step takes it later.
      socket?.abandon();
    },
    stepped(event, userId) {
      if (owner === OVER) return;
      if (event === owner.wish) owner.wish = null;
      else if (owner.wish === null && userId !== owner.userId) owner = ownerOf(userId, null, owner.transport);
      else return;
      // Before delivery hears of the next user: nothing of theirs may go out on it.
      owner.left?.abandon();
    },
    end() {
      const { transport } = owner;
      owner = OVER;
      return transport;
    },
  };
};
