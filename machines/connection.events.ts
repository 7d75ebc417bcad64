/** How a socket ended, as the platform reported it. Source: WHATWG WebSockets, CloseEvent. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** A wish of the person or the app. Public API calls become these. */
export type ConnectionWish =
  | { type: 'user.connect'; userId: string }
  | { type: 'user.disconnect' }
  | { type: 'user.logout' }
  | { type: 'user.retry' };

/** A fact about the current attempt or its socket, reported by the socket actor. */
export type SocketEvent =
  /** The handshake is done. */
  | { type: 'socket.opened' }
  /** The socket has closed. Only this, or a deadline, leads to another dial; an error event never does. */
  | ({ type: 'socket.closed' } & SocketClose)
  /** The platform refused to make a socket at all: no WebSocket, a bad URL, bad protocols. Dialling again is useless. */
  | { type: 'socket.impossible' }
  /** The app's `getToken` or `url` threw or rejected. */
  | { type: 'attempt.failed'; cause: 'token' | 'url' }
  /** The app's `getToken` answered null: nobody is signed in. */
  | { type: 'token.missing' };

/** Everything the chart reacts to. Firing these on `connection.actor` is how reconnection is tested. */
export type ConnectionEvent = ConnectionWish | SocketEvent | { type: 'budget.refunded' };

/** How the last attempt or socket ended. `code`, `reason` and `wasClean` are null unless a close was seen: none is made up. */
export interface ConnectionEnd {
  readonly cause: 'closed' | 'deadline' | 'token' | 'url' | 'impossible';
  readonly code: number | null;
  readonly reason: string | null;
  readonly wasClean: boolean | null;
}
