import type { Answer, Call, CallName, CallTypes, Failure, Slots } from './calls.ts';

/** So many calls share a transaction at most: a few ms of work. */
const LARGEST_GROUP_COUNT = 256;
/** How long a write waits for the lock that another program holds, and while the engine closes, in ms. */
const LOCK_DEADLINE_MS = 5_000;
const CLOSING_DEADLINE_MS = 500;
/** How often the lock is tried meanwhile, in ms. */
const LOCK_RETRY_MS = 5;

const READS: ReadonlySet<CallName> = new Set(['readAfter', 'last', 'recall', 'unfanned']);

/** The database, as far as transactions go. */
export interface Transactions {
  readonly slots: Slots;
  /** Takes the write lock, or throws with the code `SQLITE_BUSY` at once. */
  begin(): void;
  /** When it returns, what was done is on the disk. */
  commit(): void;
  /** Harmless where SQLite has rolled back by itself. */
  rollback(): void;
  /** Throws when the file is not the one that was opened. */
  checkFile(): void;
  /** What to say of something that was thrown. */
  failureOf(cause: unknown): Failure;
}

interface Waiting {
  readonly call: Call;
  readonly sinceMs: number;
}

const isBusy = (cause: unknown): boolean => /^SQLITE_BUSY/.test(String((cause as { code?: unknown }).code));
const isRead = ({ call: [, name] }: Waiting): boolean => READS.has(name);
const userOf = ({ call: [, , [userId]] }: Waiting): string => userId;

/** Generic, so that the compiler sees which arguments belong to which name. */
const carryOut = <Name extends CallName>(
  slots: Slots,
  name: Name,
  args: CallTypes[Name]['args'],
): CallTypes[Name]['result'] => slots[name](...args);

/**
 * Group commit. All writes that wait share one transaction, so one fsync; each resolves when it is on the disk. A read
 * resolves at once, unless a write of its user waits: the calls of one user are done in their order.
 *
 * Nothing blocks but the disk itself. Where another program holds the write lock, writes wait for it, and reads go on.
 *
 * A group that fails is done again call by call, each in a transaction of its own: a call that cannot be done takes no other
 * with it, and each failure has its own cause.
 *
 * @returns Takes calls that were made, in order.
 */
export const createGroups = (options: {
  readonly transactions: Transactions;
  readonly answer: (answers: readonly Answer[]) => void;
  /** Calls that have come meanwhile. */
  readonly more: () => readonly Call[];
  /** Whether no more calls will come. A lock is waited for no longer than a moment then. */
  readonly isClosing: () => boolean;
  /** No call waits, and none will come. */
  readonly closed: () => void;
  /** A clock that never goes back, in ms. */
  readonly now: () => number;
  readonly setTimeout: (run: () => void, ms: number) => void;
}): ((calls: readonly Call[]) => void) => {
  const { transactions, answer, now } = options;
  const { slots, failureOf } = transactions;
  /** Writes, and reads of users with a write among them. */
  let waiting: readonly Waiting[] = [];
  /** So many of the first ones are done one by one. */
  let singleCount = 0;
  /** Since when another program has the lock. */
  let lockedSinceMs: number | null = null;

  const done = ({ call: [id, name, args] }: Waiting): Answer => [id, null, carryOut(slots, name, args)];
  const failed = ({ call: [id] }: Waiting, cause: unknown): Answer => [id, failureOf(cause), undefined];
  const doneOrFailed = (one: Waiting): Answer => {
    try {
      return done(one);
    } catch (cause) {
      return failed(one, cause);
    }
  };
  /** Unless the file is another one by now. */
  const inItsFile = (calls: readonly Waiting[], answers: readonly Answer[]): readonly Answer[] => {
    try {
      transactions.checkFile();
      return answers;
    } catch (cause) {
      return calls.map((one) => failed(one, cause));
    }
  };

  /** Null: the database is busy for readers as well, as it is for a moment while another program closes it. */
  const readNow = (one: Waiting): Answer | null => {
    try {
      return done(one);
    } catch (cause) {
      return isBusy(cause) ? null : failed(one, cause);
    }
  };
  /** Takes in calls, behind those that wait. Reads that need not wait are done. */
  const sort = (calls: readonly Waiting[]) => {
    const waitingUsers = new Set(waiting.map(userOf));
    const behind: Waiting[] = [];
    const read: Waiting[] = [];
    const answers: Answer[] = [];
    for (const one of calls) {
      const answered = isRead(one) && !waitingUsers.has(userOf(one)) ? readNow(one) : null;
      if (answered === null) {
        waitingUsers.add(userOf(one));
        behind.push(one);
      } else {
        read.push(one);
        answers.push(answered);
      }
    }
    waiting = [...waiting, ...behind];
    if (read.length > 0) answer(inItsFile(read, answers));
  };
  const come = (calls: readonly Call[]) => {
    const sinceMs = now();
    sort(calls.map((call) => ({ call, sinceMs })));
  };

  /** Ends the waiting of those that have waited for the lock for too long. Reads that waited behind a write are done. */
  const expire = (cause: unknown) => {
    const nowMs = now();
    const lockedFromMs = lockedSinceMs ?? nowMs;
    lockedSinceMs = lockedFromMs;
    const deadlineMs = options.isClosing() ? CLOSING_DEADLINE_MS : LOCK_DEADLINE_MS;
    const isLate = (one: Waiting) => Math.max(one.sinceMs, lockedFromMs) + deadlineMs <= nowMs;
    const late = waiting.filter(isLate);
    if (late.length === 0) return;
    const left = waiting.filter((one) => !isLate(one));
    waiting = [];
    singleCount = 0;
    answer(late.map((one) => (isRead(one) ? doneOrFailed(one) : failed(one, cause))));
    sort(left);
  };

  const commit = (group: readonly Waiting[]): readonly Answer[] => {
    transactions.begin();
    lockedSinceMs = null;
    const answers = group.map(done);
    transactions.commit();
    return inItsFile(group, answers);
  };

  /** Does the first calls that wait. False: another program has the lock. */
  const commitSome = (): boolean => {
    const group = waiting.slice(0, singleCount > 0 ? 1 : LARGEST_GROUP_COUNT);
    let answers: readonly Answer[];
    try {
      answers = commit(group);
    } catch (cause) {
      transactions.rollback();
      if (isBusy(cause)) {
        expire(cause);
        return false;
      }
      if (group.length > 1) {
        singleCount = group.length;
        return true;
      }
      answers = group.map((one) => failed(one, cause));
    }
    waiting = waiting.slice(group.length);
    singleCount = Math.max(singleCount - group.length, 0);
    answer(answers);
    return true;
  };

  const work = () => {
    while (waiting.length > 0) {
      if (!commitSome()) return options.setTimeout(work, LOCK_RETRY_MS);
      come(options.more());
    }
    lockedSinceMs = null;
    if (options.isClosing()) options.closed();
  };

  return (calls) => {
    come(calls);
    // Where the lock is waited for, a timer goes on with the work.
    if (lockedSinceMs === null) work();
  };
};
