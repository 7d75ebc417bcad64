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

/** A row of an outbox of the app: the same row published again is not stored again. */
export interface Origin {
  /** The outbox, by a name of yours. */
  readonly outbox: string;
  /** From 1. Rows of one outbox must be published in rising order to each user: a lower one is taken for a repeat. */
  readonly row: number;
}

/** One durable message of a command, and who gets it. */
export interface Publication {
  readonly userIds: readonly string[];
  readonly text: string;
  /** In place of the command's own name, where the app named a row of its outbox. */
  readonly origin?: Origin;
}

/** What became of one numbered command. */
export interface Decision {
  readonly n: number;
  readonly key: string;
  readonly verdict: 'done' | { readonly rejected: string };
  /** What is to be told to whom. A stored decision that has been told keeps none. */
  readonly publications: readonly Publication[];
}

/** What a sender's slot says of a number. */
export interface Decided {
  /** The highest number of this client that is decided. */
  readonly decided: number;
  /** The decision of the number that was asked about; null when it is no longer kept, or never was. */
  readonly stored: (Decision & { readonly fanned: boolean }) | null;
}

/**
 * A durable inbox per user, plus a doorbell. The gateway writes to it before any socket sees a message, and every
 * socket reads its messages out of it. Beside the log, a user's slot holds the marks of those who wrote to it, and what
 * became of the commands that the user sent.
 *
 * Each call works on the slot of one user and takes effect there as a whole or not at all, whatever other calls share its
 * transaction. Calls of one user take effect in the order in which they are made.
 *
 * Days of age are days by a clock that no jump moves by more than one: a server's clock that is wrong for a moment must not
 * make an engine forget.
 *
 * Implemented by `memoryEngine` and `sqliteEngine`; an engine of your own must pass `tests/contract/engine.contract.ts`.
 * All methods may reject when the store fails; after `close` they do.
 */
export interface Engine {
  /**
   * Appends messages (texts of JSON objects) to one user's log: all of them or none, in this order, with nothing in
   * between. When it resolves they are stored; then, or shortly before, the doorbell rings. Answers their ids.
   *
   * With a mark: appends nothing and answers `repeat` unless its number is above the one stored for its origin in this
   * slot; else the number is stored in the same transaction. A mark that nobody touched for 28 days may be forgotten.
   */
  append(userId: string, texts: readonly string[], mark?: Mark): Promise<readonly string[] | 'repeat'>;
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
  /**
   * Decides a command in its sender's slot. A number above all decided ones is stored with its decision, and answered as
   * stored; one without publications counts as fanned out. For any other number nothing changes, and what was stored
   * for it before is answered.
   *
   * `seen` is the highest number that the caller knows to be decided. Where it is not the slot's, nothing is stored, and
   * `decided` says so: lower, the slot has lost its tail; higher, another socket speaks for the same client, and what it
   * decided is fanned out before the next number is decided. So of one client the last decision alone may be partially fanned out.
   *
   * Of one client the last 64 decisions are kept at least, and all that are not fanned out yet. A client that decided
   * nothing for 28 days may be forgotten.
   */
  decide(userId: string, clientId: string, decision: Decision, seen: number): Promise<Decided>;
  /** What {@link decide} would answer of a number that is decided. Changes nothing. */
  recall(userId: string, clientId: string, n: number): Promise<Decided>;
  /** Notes that all publications of a decision are in the logs, and drops them. Answers what is decided of this client. */
  fanned(userId: string, clientId: string, n: number): Promise<number>;
  /**
   * A socket sends its first command of a client, so that all numbers below are receipted: forgets decisions below `n`
   * that were fanned out. Answers those of the client that were not, by rising number, and what is decided.
   */
  resumeCommands(
    userId: string,
    clientId: string,
    n: number,
  ): Promise<{ readonly decided: number; readonly unfanned: readonly Decision[] }>;
  /**
   * All decisions of a user that are not fanned out, those of one client by rising number. A crash left them partially fanned out, and
   * the page that sent them may never come back. Asked at each RESUME and at each heartbeat of a socket: where there are none,
   * that has to cost next to nothing.
   */
  unfanned(userId: string): Promise<readonly { readonly clientId: string; readonly decision: Decision }[]>;
  /** Releases what the engine holds. The gateway does not call it: who made the engine closes it. */
  close(): Promise<void>;
}
