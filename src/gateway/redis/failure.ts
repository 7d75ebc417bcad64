import { StatesocketError } from '../../protocol/errors.ts';

/** What a failure of a request says of its fate. */
export type Fate =
  /** It did not take effect, and may another time: the server loads, a slot moves, a failover is under way. */
  | 'again'
  /** It did not take effect: another server has the key. */
  | 'moved'
  /** The connection is gone or was not to be had. Whether what was sent took effect nobody knows. */
  | 'lost'
  /** It did not take effect, and would not another time. */
  | 'refused';

/** What became of a request. `isSent` is false: it did not reach the server. */
export class RequestFailed extends Error {
  readonly isSent: boolean;
  override readonly cause: unknown;
  constructor(cause: unknown, isSent: boolean) {
    super('A request has failed.');
    this.cause = cause;
    this.isSent = isSent;
  }
}

/** Too long without a reply: the connection is given up. */
export class Overdue extends Error {
  constructor() {
    super('There was no reply in time.');
  }
}

/** The code that an error of the server begins with. Node's and the client's own errors have none. */
export const codeOf = (cause: unknown): string =>
  cause instanceof Overdue
    ? 'OVERDUE'
    : (/^-?([A-Z][A-Z0-9]+)(?= |$)/.exec(cause instanceof Error ? cause.message : '')?.[1] ?? '');

const AGAIN = /^(TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|BUSY|READONLY|NOREPLICAS|STALE)$/;

export const fateOf = (cause: unknown): Fate => {
  if (cause instanceof StatesocketError) return 'refused';
  const code = codeOf(cause);
  if (code === '' || code === 'OVERDUE') return 'lost';
  if (AGAIN.test(code)) return 'again';
  return code === 'MOVED' || code === 'ASK' ? 'moved' : 'refused';
};

const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [
    /^OOM$/,
    'Redis has no memory left. Raise maxmemory, or shorten the retention; nothing that is stored is lost.',
  ],
  [/^READONLY$/, 'Redis is read only: a replica. Lead the address to the primary.'],
  [/^LOADING$/, 'Redis is loading its data from the disk. It is tried again; nothing is to be done.'],
  [/^MASTERDOWN$/, 'This Redis is a replica that has lost its primary. Lead the address to the primary.'],
  [
    /^CLUSTERDOWN$/,
    'The Redis Cluster is down: some slots have no server, or most servers are not to be reached.',
  ],
  [/^TRYAGAIN$/, 'A slot of the Redis Cluster is on the move for too long. Finish the resharding.'],
  [
    /^(MOVED|ASK)$/,
    'The servers of the Redis Cluster do not agree on who has a slot. Look at CLUSTER SLOTS.',
  ],
  [/^BUSY$/, 'Redis is held by a script that runs for too long. Look at who runs it; SCRIPT KILL ends it.'],
  [/^NOREPLICAS$/, 'Redis has too few replicas for min-replicas-to-write. Bring them back, or lower it.'],
  [/^MISCONF$/, 'Redis cannot write to its disk and refuses all writes. Look at its log, and make room.'],
  [/^(NOAUTH|WRONGPASS)$/, 'Redis refuses the login. Look at the user and the password.'],
  [
    /^NOPERM$/,
    'The user of Redis may not do this. It needs the keys and channels of the prefix, and @read, @write, @scripting, @pubsub, info and wait.',
  ],
  [/^WRONGTYPE$/, 'A key of the engine holds something else. Use a prefix that nobody else uses.'],
  [/^STALE$/, 'Redis was restarted, or another server took over, again and again. Look at its log.'],
  [/^OVERDUE$/, 'Redis did not reply in time. Check whether it hangs, or the network to it.'],
];

/** What has happened, in words. Neither the address nor what was sent is in it. */
export const failureOf = (error: unknown): StatesocketError => {
  const cause = error instanceof RequestFailed ? error.cause : error;
  if (cause instanceof StatesocketError) return cause;
  const code = codeOf(cause);
  const words = WORDS.find(([pattern]) => pattern.test(code))?.[1];
  const lost =
    'The connection to Redis was lost, or was not to be had. What was under way may or may not be stored.';
  const refused = 'Redis has refused a request of the engine.';
  return new StatesocketError('engine-failed', words ?? (code === '' ? lost : refused), { cause });
};
