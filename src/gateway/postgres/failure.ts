import { StatesocketError } from '../../protocol/errors.ts';

/** What a failure of a request says of its fate. */
export type Fate =
  /** It did not take effect, and would another time: a deadlock, a serialisation. */
  | 'again'
  /** It did not take effect: another transaction has what it needs. */
  | 'locked'
  /** The connection is gone or was not to be had. Whether what was sent took effect nobody knows. */
  | 'lost'
  /** It did not take effect, and would not another time. */
  | 'refused';

const codeOf = (cause: unknown): string => {
  const code = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? code : '';
};

/** Too long without a reply: the connection is given up. */
export class Overdue extends Error {
  readonly code = 'OVERDUE';
}

const FATES: readonly (readonly [code: RegExp, fate: Fate])[] = [
  [/^(40001|40P01)$/, 'again'],
  [/^55P03$/, 'locked'],
  // A connection that is closed by the server, or was led to a replica, is no good for another time either.
  [/^(08\w{3}|57P0[1-5]|53300|25006)$/, 'lost'],
  // SQLSTATE has a digit; EPIPE has none.
  [/^(?=.*\d)[0-9A-Z]{5}$/, 'refused'],
];

/** Node's codes (ECONNRESET) and words of `pg` without a code are the connection's. */
export const fateOf = (cause: unknown): Fate =>
  cause instanceof StatesocketError && cause.cause !== undefined
    ? fateOf(cause.cause)
    : (FATES.find(([pattern]) => pattern.test(codeOf(cause)))?.[1] ?? 'lost');

const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [/^53300$/, 'Postgres has no connection left. Raise max_connections, or put PgBouncer in front.'],
  [/^53100$/, 'The disk of Postgres is full. Make room; nothing else is to be done.'],
  [/^25006$/, 'Postgres is read only: a replica, perhaps. Lead the address to the primary.'],
  [/^57P0[1-5]$/, 'Postgres shuts down or starts. It is tried again; nothing is to be done.'],
  [/^57014$/, 'Postgres has cancelled a request: statement_timeout is too short, or somebody cancelled it.'],
  [
    /^55P03$/,
    'Another transaction has held the log of this user for too long. Commit soon after publishIn, and do nothing slow between.',
  ],
  [
    /^(28\w{3}|3D000)$/,
    'Postgres refuses the login, or knows no such database. Look at the connection string.',
  ],
  [
    /^42501$/,
    'The role of Postgres may not do this. It needs CREATE on the database, once, or a schema of its own.',
  ],
  [/^(42P01|42883|3F000)$/, "The engine's tables are not there any more. Start it again: it makes them."],
  [/^OVERDUE$/, 'Postgres did not reply in time. Check whether it hangs, or the network to it.'],
];

/** What has happened, in words. Neither the address nor what was sent is in it. */
export const failureOf = (cause: unknown): StatesocketError => {
  if (cause instanceof StatesocketError) return cause;
  const words = WORDS.find(([pattern]) => pattern.test(codeOf(cause)))?.[1];
  const lost =
    'The connection to Postgres was lost, or was not to be had. What was under way may or may not be stored.';
  const refused = 'Postgres has refused a request of the engine.';
  return new StatesocketError('engine-failed', words ?? (fateOf(cause) === 'lost' ? lost : refused), {
    cause,
  });
};
