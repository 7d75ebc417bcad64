/** A fact about a socket, its server, its log or the app's reload. No event carries anything from the wire. */
export type DeliveryEvent =
  /** The handshake is done. */
  | { type: 'socket.opened' }
  /** The socket is gone, for whatever reason. */
  | { type: 'socket.ended' }
  /** A WELCOME of the extension came, in a version that this client speaks. */
  | { type: 'server.welcomed' }
  /** A WELCOME of the extension came, in another version. */
  | { type: 'server.mismatched' }
  /** The first frame was something else. */
  | { type: 'server.spoke' }
  /** RESUMED, ok: what follows follows the cursor. */
  | { type: 'log.resumed' }
  /** RESUMED, not ok: what lies between the cursor and what follows cannot be had any more. */
  | { type: 'log.broken' }
  /** A message does not follow the cursor, or the server has sent more than came. */
  | { type: 'hole.found' }
  /** The app has loaded its state again. */
  | { type: 'reload.done' }
  /** The app could not. */
  | { type: 'reload.failed' }
  /** The server has left a command without a receipt, or the socket has refused one. */
  | { type: 'command.unanswered' }
  /** A user has come: the queue of their durable messages begins, under a number that is free. */
  | { type: 'queue.begun'; queue: number }
  /** Nothing of a queue depends on this page any more. */
  | { type: 'queue.over'; queue: number };

/**
 * What the delivery chart has others do, each when a state is entered. Nothing in it may throw. Events that it causes
 * wait for their turn.
 */
export interface DeliveryPort {
  /** No socket, or none that is kept: nothing that comes is taken. */
  rest(): void;
  /** The first frame of the socket decides. */
  negotiate(): void;
  /** Whether `limitMs` after `negotiate()` passed so long ago that the timer came late, and a frame may be unread. */
  isLate(limitMs: number): boolean;
  /** Messages are taken as a plain server sends them; what waited is sent. */
  followPlain(): void;
  /** Asks for what follows the cursor; commands that wait for a receipt are sent again. */
  resume(): void;
  /** Messages that follow the cursor are applied. */
  follow(): void;
  /** Has the app load its state again, and holds durable messages meanwhile. */
  reload(): void;
  /** The reload took too long; its outcome does not matter any more. */
  giveUpReload(): void;
  /** What was held is dropped: it will be asked for again. */
  stall(): void;
}
