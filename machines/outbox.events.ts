/** A fact about the queue of one user: its store, its socket, its user. No event carries anything from the wire. */
export type OutboxEvent =
  /** What earlier sessions left for this user has been handed over, or cannot be had. */
  | { type: 'store.read'; areVerdictsKept: boolean }
  /** A socket is open, and its WELCOME has come. `areVerdictsKept`: the store has all that the server has decided. */
  | { type: 'link.welcomed'; areVerdictsKept: boolean }
  /** A socket is open, and its server is plain. */
  | { type: 'link.plain' }
  /** The socket is gone, or of no use. */
  | { type: 'link.lost' }
  /** The store has the verdicts that it did not have when the socket was welcomed. */
  | { type: 'verdicts.kept' }
  /** The user is gone, and may come back. `isStored`: nothing of the queue is in memory alone. */
  | { type: 'user.left'; isStored: boolean }
  /** The same user is back. */
  | { type: 'user.returned' }
  /** The user has logged out. `isStored`: the store has forgotten the queue. */
  | { type: 'user.loggedOut'; isStored: boolean }
  /** Of a queue whose user is gone, nothing is in memory alone any more. */
  | { type: 'all.stored' }
  /** The connection has ended, and its charts with it. */
  | { type: 'connection.ended' };

/**
 * What the outbox chart has others do, each when a state is entered. Nothing in it may throw. Events that it causes wait for
 * their turn.
 */
export interface OutboxPort {
  /** Reads what is left for this user, and tells the chart `store.read` when that is done. */
  read(chart: { send(event: OutboxEvent): void }): void;
  /** A socket of a plain server may be used. Returns what ends that. */
  beginPlain(): () => void;
  /** A socket of a server of the extension may be used. Returns what ends that. */
  beginFlow(): () => void;
  /** Nothing is left to do: whatever the store has is anybody's. */
  close(): void;
}
