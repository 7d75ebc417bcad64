/** One durable message in a user's log. */
export interface Entry {
  /** Its position: opaque, compared only by `===`. Ends in a random suffix that is kept with the entry. */
  readonly id: string;
  /** The id of the entry before it, or `EMPTY_POSITION`. */
  readonly prev: string;
  /** The message as the text of a JSON object, as it was appended: without `id` and `prev`. */
  readonly text: string;
}

/**
 * A durable inbox per user, plus a doorbell. The gateway writes to it before any socket sees a message, and every
 * socket reads its messages out of it.
 *
 * Implemented by `memoryEngine` and `sqliteEngine`; an engine of your own must pass `tests/contract/engine.contract.ts`.
 * All methods may reject when the store fails; after `close` they do.
 */
export interface Engine {
  /**
   * Appends messages (texts of JSON objects) to one user's log: all of them or none, in this order, with nothing in
   * between. When it resolves they are stored; then, or shortly before, the doorbell rings. Answers their ids.
   */
  append(userId: string, texts: readonly string[]): Promise<readonly string[]>;
  /**
   * The entries after a position, oldest first, at most `limit` of them; none when the position is the last.
   * `null` when the log does not know the position: retention has passed it, or it never was.
   */
  readAfter(userId: string, position: string, limit: number): Promise<readonly Entry[] | null>;
  /** The id of the newest entry ever appended, also when retention has dropped it; `EMPTY_POSITION` for a new log. */
  last(userId: string): Promise<string>;
  /**
   * Calls `doorbell` after each append to this user's log. It says that there may be news, not what: it may ring
   * without any. An engine that takes time to subscribe rings once when it has.
   */
  subscribe(userId: string, doorbell: () => void): () => void;
  /** Releases what the engine holds. The gateway does not call it: who made the engine closes it. */
  close(): Promise<void>;
}
