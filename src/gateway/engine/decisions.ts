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

/** What {@link Decisions.decide} is given, as one value. */
export interface Decide {
  readonly userId: string;
  readonly clientId: string;
  readonly decision: Decision;
  readonly seen: number;
}

/** What a client has left. */
export interface ResumedCommands {
  /** The highest number that is decided. */
  readonly decided: number;
  /** By rising number. */
  readonly unfanned: readonly Decision[];
}

/** A decision that is partially fanned out, and whose it is. */
export interface UnfannedDecision {
  readonly clientId: string;
  readonly decision: Decision;
}

/** The second third of an engine: what became of the commands that each user sent. Kept in the slot of the sender. */
export interface Decisions {
  /**
   * Decides a command in its sender's slot. A number above all decided ones is stored with its decision, and returned as
   * stored; one without publications counts as fanned out. For any other number nothing changes, and what was stored
   * for it before is returned.
   *
   * `seen` is the highest number that the caller knows to be decided. Where it is not the slot's, nothing is stored, and
   * `decided` says so: lower, the slot has lost its tail; higher, another socket speaks for the same client, and what it
   * decided is fanned out before the next number is decided. So of one client the last decision alone may be partially fanned out.
   *
   * Of one client the last 64 decisions are kept at least, and all that are not fanned out yet. Of a user that holds for the 16 clients
   * that decided last: of others what is fanned out may be forgotten, but for the highest number. A client that decided nothing for
   * 28 days may be forgotten.
   */
  decide(userId: string, clientId: string, decision: Decision, seen: number): Promise<Decided>;
  /** {@link decide} for many at once, as `appendMany` is for `append`. */
  decideMany?(decides: readonly Decide[]): Promise<readonly PromiseSettledResult<Decided>[]>;
  /** What {@link decide} would return of a number that is decided. Changes nothing. */
  recall(userId: string, clientId: string, n: number): Promise<Decided>;
  /** Notes that all publications of a decision are in the logs, and drops them. Returns what is decided of this client. */
  fanned(userId: string, clientId: string, n: number): Promise<number>;
  /**
   * A socket sends its first command of a client, so that all numbers below are receipted: forgets decisions below `n`
   * that were fanned out. Returns those of the client that were not, by rising number, and what is decided.
   */
  resumeCommands(userId: string, clientId: string, n: number): Promise<ResumedCommands>;
  /**
   * All decisions of a user that are not fanned out, those of one client by rising number. A crash left them partially fanned out, and
   * the page that sent them may never come back. Asked at each RESUME and at each heartbeat of a socket: where there are none,
   * that has to cost next to nothing.
   */
  unfanned(userId: string): Promise<readonly UnfannedDecision[]>;
}
