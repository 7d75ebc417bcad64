/** One durable message in a user's log. */
export interface Entry {
  /** Its position: opaque, compared only by `===`. Ends in a random suffix that is kept with the entry. */
  readonly id: string;
  /** The id of the entry before it, or `EMPTY_POSITION`. */
  readonly prev: string;
  /** The message as the text of a JSON object, as it was appended: without `id` and `prev`. */
  readonly text: string;
}

/** Names an append, so that doing it again appends nothing. Numbers of one origin rise. */
export interface Mark {
  /** Who numbers: one client of one user, or one outbox of the app. No user can write another's. */
  readonly origin: string;
  readonly n: number;
}

/** What {@link Log.append} is given, as one value. */
export interface Append {
  readonly userId: string;
  readonly texts: readonly string[];
  readonly mark?: Mark | undefined;
}

/** The ids of what was appended; `repeat`: the mark says that it was appended before. */
export type Appended = readonly string[] | 'repeat';

/**
 * The first third of an engine: a durable log per user, and the marks of those who wrote to it.
 *
 * Each append takes effect as a whole or not at all, whatever other calls share its transaction.
 */
export interface Log {
  /**
   * Appends messages (texts of JSON objects) to one user's log: all of them or none, in this order, with nothing in
   * between. When it resolves they are stored; then, or shortly before, the doorbell rings. Resolves with their ids.
   *
   * With a mark: appends nothing and resolves with `repeat` unless its number is above the one stored for its origin in this
   * slot; else the number is stored in the same transaction. A mark that nobody touched for 28 days may be forgotten.
   */
  append(userId: string, texts: readonly string[], mark?: Mark): Promise<Appended>;
  /**
   * {@link append} for many at once, of one user or of many, those of one user in this order: for an engine to which one request
   * costs less than many. What comes of each stands in its place; rejects when all of them failed for one reason. Where an engine
   * has it, the gateway calls it in place of `append`, with what has come in one turn of its event loop.
   */
  appendMany?(appends: readonly Append[]): Promise<readonly PromiseSettledResult<Appended>[]>;
  /**
   * The entries after a position, oldest first, at most `limit` of them; none when the position is the last.
   * `null` when the log does not know the position: retention has passed it, or it never was.
   */
  readAfter(userId: string, position: string, limit: number): Promise<readonly Entry[] | null>;
  /** The id of the newest entry ever appended, also when retention has dropped it; `EMPTY_POSITION` for a new log. */
  last(userId: string): Promise<string>;
}
