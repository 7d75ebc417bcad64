import type { SocketFailure } from '../src/protocol/socket-failure.ts';

/** How a socket ended, as the platform reported it. Source: WHATWG WebSockets, CloseEvent. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** Why it failed, where the platform told, as of a handshake that was refused with HTTP 401. Null: it did not, or nothing failed. */
  readonly failure: SocketFailure | null;
}

/** A wish of the person or the app. Public API calls become these. */
export type ConnectionWish =
  | { type: 'user.connect'; userId: string }
  | { type: 'user.disconnect' }
  | { type: 'user.logout' }
  /** The connection is not needed any more. No event follows. */
  | { type: 'user.dispose' }
  | { type: 'user.retry' };

/** A fact about the current attempt or its socket, reported by the socket actor. */
export type SocketEvent =
  /**
   * The socket is made, and the browser may hold its handshake back: others to this server failed before. `upToMs`: how long at
   * most.
   */
  | { type: 'dial.held'; upToMs: number }
  /** The handshake is done. */
  | { type: 'socket.opened' }
  /** The socket has closed. Only a close, a deadline or silence leads to another dial; an error event never does. */
  | ({
      type: 'socket.closed';
      /** How long the server asked to be left alone, in ms, in the CLOSING frame before its close. */
      minDelayMs?: number;
    } & Omit<SocketClose, 'failure'> &
      Partial<Pick<SocketClose, 'failure'>>)
  /** The platform refused to make a socket at all: no WebSocket, a bad URL, bad protocols. Dialling again is useless. */
  | { type: 'socket.impossible' }
  /** The app's `getToken`, `url` or `protocols` threw or rejected. */
  | { type: 'attempt.failed'; cause: AttemptFault }
  /** The app's `getToken` returned null: nobody is signed in. */
  | { type: 'token.missing' }
  /** From now on silence means something. `canAsk`: a probe can be sent. */
  | { type: 'heartbeat.armed'; canAsk: boolean }
  /** Nothing has come for longer than the server may be silent. */
  | { type: 'frame.silent' }
  /** Something came after a probe was sent. */
  | { type: 'frame.heard' }
  /** Nothing came in the time a probe had, and its timer was on time. */
  | { type: 'probe.unanswered' }
  /** A close has begun, and its end does not come: nothing can be sent any more, and nothing will be heard. */
  | { type: 'socket.stuck' }
  /** The delivery extension cannot go on over this socket. */
  | { type: 'link.broken'; why: LinkFault };

/**
 * Why the delivery extension cannot go on over a socket.
 * - `unanswered`: a RESUME, or a command, got no reply in time.
 * - `late-welcome`: the server speaks the extension, but its WELCOME was not the first frame.
 * - `version`: the server speaks a version of it that this client does not.
 */
export const LINK_FAULTS = ['unanswered', 'late-welcome', 'version'] as const;

/** One of {@link LINK_FAULTS}. */
export type LinkFault = (typeof LINK_FAULTS)[number];

/** Which function of the app failed an attempt: `getToken`, `url` or `protocols`. */
export const ATTEMPT_FAULTS = ['token', 'url', 'protocols'] as const;

/** One of {@link ATTEMPT_FAULTS}. */
export type AttemptFault = (typeof ATTEMPT_FAULTS)[number];

/** A fact about the page or the network around it, reported by the signals actor. */
export type SignalEvent =
  /** The platform says that it is offline. A hint: sockets may still work. */
  | { type: 'network.lost' }
  | { type: 'network.restored' }
  /** The page is looked at again, or the machine woke up. */
  | { type: 'page.shown' }
  /** The page is frozen, or goes to the back/forward cache. */
  | { type: 'page.suspended' }
  | { type: 'page.resumed' };

/** Everything the chart reacts to. Firing these on `connection.actor` is how reconnection is tested. */
export type ConnectionEvent = ConnectionWish | SocketEvent | SignalEvent | { type: 'budget.refunded' };

/** What the chart asks of the socket actor. */
export type SocketRequest = {
  /** Ask the server for a sign of life; `withinMs`: how long it has. */
  type: 'probe';
  withinMs: number;
};

/** Why an attempt or a socket ended: a close, what the chart did, or a function of the app. */
export const END_CAUSES = [
  'closed',
  'deadline',
  'silent',
  'stuck',
  'protocol',
  ...ATTEMPT_FAULTS,
  'impossible',
  'suspended',
] as const;

/** One of {@link END_CAUSES}. */
export type EndCause = (typeof END_CAUSES)[number];

/** How the last attempt or socket ended. `code`, `reason` and `wasClean` are null unless a close was seen: none is made up. */
export interface ConnectionEnd {
  readonly cause: EndCause;
  readonly code: number | null;
  readonly reason: string | null;
  readonly wasClean: boolean | null;
}
