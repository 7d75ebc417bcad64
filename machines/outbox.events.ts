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
  /** The user is gone, and may come back. */
  | { type: 'user.left' }
  /** The same user is back. */
  | { type: 'user.returned' }
  /** The user has logged out. */
  | { type: 'user.loggedOut' }
  /** Of a queue whose user is gone, nothing is in memory alone any more. */
  | { type: 'all.stored' }
  /** The connection has ended, and its charts with it. */
  | { type: 'connection.ended' };

/**
 * What the outbox chart has others do, each when a state is entered; a function that is returned is called when that state is
 * left. Nothing in it may throw, or tell the chart anything before it returns.
 */
export interface OutboxPort {
  /** The chart runs. Returns what is called when it has ended, whatever has ended it. */
  begin(chart: RunningOutbox): () => void;
  /** Reads what is left for this user, and says so by `store.read`; nobody hears it when the state was left. While it does already, it
   * goes on. */
  read(tell: (event: OutboxEvent) => void): () => void;
  /** A socket of a plain server may be used. */
  beginPlain(): () => void;
  /** A socket of a server of the extension may be used. */
  beginFlow(): () => void;
  /** The user is gone: no socket is theirs, and nothing of theirs grows too old. */
  rest(): void;
  /** What is in memory alone is kept until it is stored, which is said by `all.stored`; whatever the store has is anybody's. */
  keep(): () => void;
  /** Whatever waits leaves without a verdict. */
  forget(): void;
}

/** The chart of one queue, as it runs. */
export interface RunningOutbox {
  send(event: OutboxEvent): void;
  getSnapshot(): {
    readonly status: 'active' | 'done' | 'error' | 'stopped';
    readonly value: string | object;
  };
}
