import { StatesocketError } from '../../protocol/errors.ts';
import { failureOf, fateOf } from './failure.ts';
import { RequestFailed, SEND_DEADLINE_MS } from './requests.ts';

/** So many calls share a transaction at most: some 10 ms of work. */
const LARGEST_GROUP_COUNT = 256;
/** How many transactions of each kind are under way at once. */
const WRITERS_COUNT = 2;
const READERS_COUNT = 2;
/** How soon calls are tried again whose slot another transaction has, or whose request has failed, in ms. */
const RETRY_MS = 10;

/** A call as the database is given it: `o` says which, `u` whose slot. */
export interface SlotCall {
  readonly o:
    | 'append'
    | 'readAfter'
    | 'last'
    | 'decide'
    | 'recall'
    | 'fanned'
    | 'resumeCommands'
    | 'unfanned';
  readonly u: string;
  readonly [name: string]: unknown;
}

interface Waiting {
  readonly call: SlotCall;
  /** Doing it twice is harmless, whatever became of the first time. */
  readonly isRepeatable: boolean;
  readonly untilMs: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: StatesocketError) => void;
}

const READS: ReadonlySet<SlotCall['o']> = new Set(['readAfter', 'last', 'recall', 'unfanned']);

/** The time that groups go by: the platform's, or a simulation's. */
export interface GroupsTime {
  /** A clock that never goes back, in ms. */
  now(): number;
  setTimeout(run: () => void, ms: number): void;
  /** In a later turn of the event loop. */
  nextTurn(run: () => void): void;
}

const PLATFORM: GroupsTime = {
  now: () => performance.now(),
  setTimeout: (run, ms) => void setTimeout(run, ms),
  nextTurn: (run) => void setImmediate(run),
};

/** Does calls as few transactions. */
export interface Groups {
  /** @throws {StatesocketError} `engine-failed`. */
  call(call: SlotCall, isRepeatable: boolean): Promise<unknown>;
  /** Sends what waits now: nothing more comes in this turn of the event loop. */
  flush(): void;
  /** Lets finish what was called, and takes no more. */
  close(): Promise<void>;
}

/**
 * Group commit: all that waits shares one request, so one transaction. While it is on its way the next group gathers, so that groups grow
 * with the load. Calls of one user are done in their order; a read of a user for whom no write waits goes beside the writes.
 *
 * A group that fails is done again call by call: one that cannot be done takes no other with it. Where the connection
 * was lost, what is harmless to repeat is repeated, and the rest fails, since nobody knows its fate.
 *
 * @param run Does calls in one transaction. A result of null: the slot is another transaction's, and nothing was done.
 */
export const createGroups = (
  run: (calls: readonly SlotCall[], writes: boolean) => Promise<readonly unknown[]>,
  time: GroupsTime = PLATFORM,
): Groups => {
  let writes: Waiting[] = [];
  let reads: Waiting[] = [];
  /** Users with a write under way, or one that is tried again soon. */
  const busy = new Set<string>();
  /** Users with a write that waits. */
  let waitingUsers = new Set<string>();
  let writerCount = 0;
  let readerCount = 0;
  let isAwake = false;
  let pausedCount = 0;
  let closing: Promise<void> | null = null;
  let closed = () => {};

  /** The next calls whose users are free, in order. */
  const takeWrites = (): readonly Waiting[] => {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    const held = new Set<string>();
    for (const one of writes) {
      const { u } = one.call;
      if (taken.length < LARGEST_GROUP_COUNT && !busy.has(u) && !held.has(u)) {
        taken.push(one);
      } else {
        held.add(u);
        left.push(one);
      }
    }
    writes = left;
    waitingUsers = held;
    return taken;
  };
  /** Lets calls rest for a moment. */
  const pause = (calls: readonly Waiting[], ms: number, goOn: () => void) => {
    pausedCount += calls.length;
    time.setTimeout(() => {
      pausedCount -= calls.length;
      goOn();
      wake();
    }, ms);
  };

  const LOCKED = Object.assign(new Error('The slot is locked.'), { code: '55P03' });
  /** Gives each call its result. @returns Those whose slot was not to be had. */
  const settle = (group: readonly Waiting[], results: readonly unknown[]): readonly Waiting[] => {
    const nowMs = time.now();
    return group.filter(({ resolve, reject, untilMs }, at) => {
      const result = results[at];
      if (result !== null && result !== undefined) resolve(result);
      else if (untilMs > nowMs) return true;
      else reject(failureOf(LOCKED));
      return false;
    });
  };
  /** What to do with calls whose request has failed. @returns Those that are done again. */
  const judge = (group: readonly Waiting[], error: unknown): readonly Waiting[] => {
    const { cause, isSent } = error instanceof RequestFailed ? error : { cause: error, isSent: true };
    const fate = fateOf(cause);
    const nowMs = time.now();
    return group.filter(({ isRepeatable, untilMs, reject }) => {
      const isHarmless =
        fate === 'again' || fate === 'locked' || (fate === 'lost' && (isRepeatable || !isSent));
      if (isHarmless && untilMs > nowMs && closing === null) return true;
      reject(failureOf(cause));
      return false;
    });
  };

  const attempt = async (group: readonly Waiting[], isWriting: boolean): Promise<readonly Waiting[]> => {
    try {
      const calls = group.map(({ call }) => call);
      return settle(group, await run(calls, isWriting));
    } catch (error) {
      const fate = error instanceof RequestFailed ? fateOf(error.cause) : 'lost';
      // Nobody can do better with a connection that is lost.
      if (group.length === 1 || fate === 'lost') return judge(group, error);
      const again: Waiting[] = [];
      for (const one of group) again.push(...(await attempt([one], isWriting)));
      return again;
    }
  };

  const write = async () => {
    const group = takeWrites();
    if (group.length === 0) return;
    const users = new Set(group.map(({ call }) => call.u));
    for (const user of users) busy.add(user);
    writerCount += 1;
    const again = await attempt(group, true);
    writerCount -= 1;
    const lockedUsers = new Set(again.map(({ call }) => call.u));
    for (const user of users) if (!lockedUsers.has(user)) busy.delete(user);
    if (again.length > 0)
      pause(again, RETRY_MS, () => {
        for (const user of lockedUsers) {
          busy.delete(user);
          waitingUsers.add(user);
        }
        writes = [...again, ...writes];
      });
    wake();
  };
  const read = async () => {
    const group = reads.slice(0, LARGEST_GROUP_COUNT);
    reads = reads.slice(LARGEST_GROUP_COUNT);
    readerCount += 1;
    const again = await attempt(group, false);
    readerCount -= 1;
    if (again.length > 0)
      pause(again, RETRY_MS, () => {
        reads = [...again, ...reads];
      });
    wake();
  };
  const goOn = () => {
    isAwake = false;
    while (reads.length > 0 && readerCount < READERS_COUNT) void read();
    for (let before = -1; writerCount < WRITERS_COUNT && writes.length > 0 && before !== writes.length; ) {
      before = writes.length;
      void write();
    }
    if (closing !== null && writes.length + reads.length + writerCount + readerCount + pausedCount === 0)
      closed();
  };
  const wake = () => {
    if (isAwake) return;
    isAwake = true;
    time.nextTurn(goOn);
  };

  return {
    call: (call, isRepeatable) =>
      new Promise((resolve, reject) => {
        if (closing !== null) return reject(new StatesocketError('engine-failed', 'The engine is closed.'));
        const one = { call, isRepeatable, untilMs: time.now() + SEND_DEADLINE_MS, resolve, reject };
        if (READS.has(call.o) && !busy.has(call.u) && !waitingUsers.has(call.u)) {
          reads.push(one);
        } else {
          writes.push(one);
          waitingUsers.add(call.u);
        }
        wake();
      }),
    flush: goOn,
    close() {
      closing ??= new Promise((resolve) => {
        closed = resolve;
        wake();
      });
      return closing;
    },
  };
};
