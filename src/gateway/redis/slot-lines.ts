import { StatesocketError } from '../../protocol/errors.ts';
import type { Connection } from './connection.ts';
import { failureOf, fateOf, RequestFailed } from './failure.ts';
import type { SlotKeys } from './keys.ts';
import { causeOf, RETRY_MS, TRYING_MS } from './requests.ts';

/** So many calls of one user share a script at most: some ms of a server that does nothing else meanwhile. */
const LARGEST_GROUP_COUNT = 64;

/** A call as the slot's script takes it. */
export interface SlotCall {
  readonly userId: string;
  readonly name: string;
  /** The client whose decisions it is about. */
  readonly clientId?: string;
  /** The wall clock when it was made; without: it moves no clock. */
  readonly wallMs?: number;
  /** @param age The age clock. @param at Which key has the decisions of the client. */
  readonly args: (age: string, at: string) => readonly string[];
  /** Doing it twice is harmless, whatever became of the first time. */
  readonly isRepeatable: boolean;
}

interface Waiting {
  readonly call: SlotCall;
  readonly untilMs: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: StatesocketError) => void;
}

/** The calls of one user, and when they are done. */
interface Line {
  readonly waiting: Waiting[];
  readonly done: Promise<void>;
}

/** Does the calls of each user one after the other, and those of different users at once. */
export interface SlotLines {
  /** @throws {StatesocketError} `engine-failed`. */
  call(call: SlotCall): Promise<unknown>;
  /** Lets finish what was called, and takes no more. */
  close(): Promise<void>;
}

/** What is sent of calls: the keys, and the calls as flat arguments. */
export const packCalls = (
  calls: readonly SlotCall[],
  keys: SlotKeys,
  ageOf: (call: SlotCall) => string,
): { readonly keys: readonly string[]; readonly args: readonly string[] } => {
  const named = [keys.slot, keys.entries, keys.untold, keys.recent];
  const indices = new Map<string, string>();
  const packed = calls.flatMap((call) => {
    const { clientId } = call;
    if (clientId !== undefined && !indices.has(clientId))
      indices.set(clientId, String(named.push(keys.decisions(clientId))));
    const args = call.args(ageOf(call), indices.get(clientId ?? '') ?? '');
    return [call.name, String(args.length), ...args];
  });
  return { keys: named, args: packed };
};

/** A result that stands for an error: that of one call among others. */
export const errorIn = (result: unknown): Error | null =>
  Array.isArray(result) && result[0] === '!' ? new Error(String(result[1])) : null;

/**
 * A call goes at once where none of its user is under way; what comes meanwhile goes together with the next one. So each user costs one
 * round trip at a time, and the calls of all users share the connection.
 *
 * @param run Does calls of one user in one script. Rejects with `RequestFailed`.
 */
export const createSlotLines = (
  run: (userId: string, calls: readonly SlotCall[]) => Promise<readonly unknown[]>,
): SlotLines => {
  const lines = new Map<string, Line>();
  const closed = new AbortController();

  /** Settles one call, or says that it is done again. */
  const settle = (one: Waiting, result: unknown, failure: unknown, isSent: boolean): boolean => {
    const cause = failure ?? errorIn(result);
    if (cause === null) {
      one.resolve(result);
      return false;
    }
    const fate = fateOf(cause);
    const isHarmless =
      fate === 'again' || fate === 'moved' || (fate === 'lost' && (one.call.isRepeatable || !isSent));
    if (isHarmless && one.untilMs > performance.now() && !closed.signal.aborted) return true;
    one.reject(failureOf(cause));
    return false;
  };
  const attempt = async (userId: string, group: readonly Waiting[]): Promise<readonly Waiting[]> => {
    try {
      const results = await run(
        userId,
        group.map(({ call }) => call),
      );
      return group.filter((one, at) => settle(one, results[at], null, true));
    } catch (error) {
      const isSent = !(error instanceof RequestFailed) || error.isSent;
      return group.filter((one) => settle(one, null, causeOf(error), isSent));
    }
  };
  const goOn = async (userId: string, waiting: Waiting[]): Promise<void> => {
    while (waiting.length > 0) {
      const again = await attempt(userId, waiting.splice(0, LARGEST_GROUP_COUNT));
      if (again.length === 0) continue;
      waiting.unshift(...again);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    lines.delete(userId);
  };

  return {
    call: (call) =>
      new Promise((resolve, reject) => {
        if (closed.signal.aborted)
          return reject(new StatesocketError('engine-failed', 'The engine is closed.'));
        const one = { call, untilMs: performance.now() + TRYING_MS, resolve, reject };
        const line = lines.get(call.userId);
        if (line !== undefined) return void line.waiting.push(one);
        const waiting = [one];
        lines.set(call.userId, { waiting, done: goOn(call.userId, waiting) });
      }),
    async close() {
      closed.abort();
      await Promise.all([...lines.values()].map(({ done }) => done));
    },
  };
};

/** Waits until replicas have what a connection has written. Those who come while one wait is out share the next one. */
export const createReplicaWait = (replicaCount: number, deadlineMs: number) => {
  const waits = new Map<Connection, { readonly current: Promise<void>; next: Promise<void> | null }>();
  const wait = async ({ send }: Connection) => {
    const count = Number(await send(['WAIT', String(replicaCount), String(deadlineMs)]));
    if (count < replicaCount)
      throw new RequestFailed(
        new StatesocketError(
          'engine-failed',
          `Redis has stored it, but fewer than ${replicaCount} replicas have it. Look at the replicas, or lower waitForReplicas.`,
        ),
        true,
      );
  };
  const begin = (connection: Connection): Promise<void> => {
    const current = wait(connection);
    const entry = { current, next: null };
    waits.set(connection, entry);
    const done = () => {
      if (waits.get(connection) === entry && entry.next === null) waits.delete(connection);
    };
    current.then(done, done);
    return current;
  };
  return (connection: Connection): Promise<void> => {
    const running = waits.get(connection);
    if (running === undefined) return begin(connection);
    running.next ??= running.current.catch(() => {}).then(() => begin(connection));
    return running.next;
  };
};
