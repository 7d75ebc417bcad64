import type { Entry, Mark } from '../log.ts';

/** A decision as it is stored. */
export interface DecisionRow {
  readonly n: number;
  readonly key: string;
  /** The code of a rejection; null: done. */
  readonly rejected: string | null;
  /** JSON of what is to be told to whom; null: all of it was told. */
  readonly publications: string | null;
}

/** What a slot says of a number. */
export interface DecidedRow {
  readonly decided: number;
  /** `'as given'`: the decision was stored just now. */
  readonly stored: DecisionRow | 'as given' | null;
}

/**
 * What the gateway's side asks of the thread, by name. The first argument is always the user whose slot it is about. Only
 * texts and numbers travel: what the caller injected (`now`, `suffix`) was asked on the gateway's side.
 */
export interface CallTypes {
  readonly append: {
    args: [
      userId: string,
      texts: readonly string[],
      suffixes: readonly string[],
      mark: Mark | undefined,
      wallMs: number,
    ];
    result: readonly string[] | 'repeat';
  };
  readonly readAfter: {
    args: [userId: string, position: string, limit: number];
    result: readonly Entry[] | null;
  };
  readonly last: { args: [userId: string]; result: string };
  readonly decide: {
    args: [userId: string, clientId: string, decision: DecisionRow, seen: number, wallMs: number];
    result: DecidedRow;
  };
  readonly recall: { args: [userId: string, clientId: string, n: number]; result: DecidedRow };
  readonly fanned: { args: [userId: string, clientId: string, n: number]; result: number };
  readonly resumeCommands: {
    args: [userId: string, clientId: string, n: number];
    result: { readonly decided: number; readonly unfanned: readonly DecisionRow[] };
  };
  readonly unfanned: {
    args: [userId: string];
    result: readonly (DecisionRow & { readonly clientId: string })[];
  };
}
export type CallName = keyof CallTypes;

/** Does calls on the database, inside whatever transaction is open. */
export type Slots<Names extends CallName = CallName> = {
  readonly [Name in Names]: (...args: CallTypes[Name]['args']) => CallTypes[Name]['result'];
};

/** A call on its way to the thread. Its id comes back with the result. */
export type Call<Names extends CallName = CallName> = {
  [Name in Names]: readonly [id: number, name: Name, args: CallTypes[Name]['args']];
}[Names];

/** Why a call has failed, in words and in SQLite's own. */
export interface Failure {
  readonly words: string;
  readonly code: string;
  readonly message: string;
}

/** What came of a call. */
export type Answer = readonly [
  id: number,
  failure: Failure | null,
  result: CallTypes[CallName]['result'] | undefined,
];

/** From the gateway's side to the thread: calls, or that no more will come. */
export type ToThread = readonly Call[] | 'close';

/** From the thread: that the file is open, or cannot be opened; afterwards results. */
export type FromThread = 'opened' | Failure | readonly Answer[];

/** What the thread is started with. */
export interface ThreadData {
  /** Where the package `libsql` begins. */
  readonly libsql: string;
  /** An absolute path. */
  readonly file: string;
  readonly maxCount: number;
  readonly maxAgeMs: number;
  /** The server's clock as it starts, in epoch ms. */
  readonly wallMs: number;
}
