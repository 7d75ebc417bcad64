import type { Engine } from '../../../../src/gateway/engine/engine.ts';
import type { Answer, Call } from '../../../../src/gateway/engine/thread/calls.ts';
import type { createGroups, Transactions } from '../../../../src/gateway/engine/thread/groups.ts';
import { StatesocketError } from '../../../../src/protocol/errors.ts';
import type { Host } from '../host.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Shards } from '../shards.ts';
import type { StoreModel } from './engine-kind.ts';
import { engineOf, READS, type StoreCall } from './perform.ts';

/** How long a commit takes, in ms: an fsync. */
const COMMIT_MS = 8;

const failure = (code: string) => Object.assign(new Error(code), { code });

/**
 * A file, and the thread of one process that writes to it, by the groups of the real engine: what waits shares one transaction.
 * A group that cannot be committed is done again call by call. What was committed is there, whoever dies then.
 */
export const createFileStore = (options: {
  readonly groupsOf: typeof createGroups;
  readonly scheduler: Scheduler;
  readonly shards: Shards;
}): StoreModel => {
  const { scheduler, shards } = options;
  /** Until then another program has the lock for writing. */
  let lockedUntilMs = 0;
  let isFull = false;
  /** All that the file was made to do, one after the other. */
  let last: Promise<unknown> = Promise.resolve();

  const open = (host: Host) => {
    interface Waiting {
      readonly call: StoreCall;
      readonly resolve: (result: Promise<unknown>) => void;
      readonly reject: (error: Error) => void;
    }
    const calls = new Map<number, Waiting>();
    let count = 0;
    let mailbox: Call[] = [];
    /** Until then the thread is at its disk. */
    let busyUntilMs = 0;
    /** What the open transaction has done: gone where it is rolled back. */
    let staged: number[] = [];
    const results = new Map<number, Promise<unknown>>();

    const takeEffect = (id: number) => {
      const result = last.then(() => calls.get(id)?.call.effect());
      results.set(id, result);
      last = result.catch(() => {});
    };
    const never = () => {
      throw new Error('No such call.');
    };
    const transactions: Transactions = {
      slots: {
        // Groups know two kinds of calls, and only the number of each travels.
        fanned(_user, _client, id) {
          staged.push(id);
          return id;
        },
        recall(_user, _client, id) {
          takeEffect(id);
          return { decided: id, stored: null };
        },
        append: never,
        readAfter: never,
        last: never,
        decide: never,
        resumeCommands: never,
        unfanned: never,
      },
      begin() {
        if (lockedUntilMs > scheduler.nowMs) throw failure('SQLITE_BUSY');
      },
      commit() {
        if (isFull) throw failure('SQLITE_FULL');
        for (const id of staged) takeEffect(id);
        staged = [];
        busyUntilMs = scheduler.nowMs + COMMIT_MS;
      },
      rollback() {
        staged = [];
      },
      checkFile() {},
      failureOf: (cause) => ({
        words: 'The file refuses.',
        code: String((cause as { code?: unknown }).code),
        message: '',
      }),
    };
    const answer = (answers: readonly Answer[]) => {
      for (const [id, failed] of answers) {
        const waiting = calls.get(id);
        host.after(Math.max(busyUntilMs - scheduler.nowMs, 0), () => {
          if (waiting === undefined || !calls.delete(id)) return;
          if (failed === null) waiting.resolve(results.get(id) ?? Promise.resolve());
          else waiting.reject(new StatesocketError('engine-failed', failed.words));
          results.delete(id);
        });
      }
    };
    const start = () =>
      options.groupsOf({
        transactions,
        answer,
        more: () => [],
        isClosing: () => false,
        closed() {},
        now: () => scheduler.nowMs,
        setTimeout: (run, ms) => host.after(ms, run),
      });
    const group = start();
    let isPosted = false;
    /** The thread reads its mail when it is back from its disk. */
    const post = () => {
      if (isPosted) return;
      isPosted = true;
      host.after(Math.max(busyUntilMs - scheduler.nowMs, 0), () => {
        isPosted = false;
        const mail = mailbox;
        mailbox = [];
        group(mail);
      });
    };
    const perform = (call: StoreCall): Promise<unknown> =>
      new Promise((resolve, reject) => {
        count += 1;
        calls.set(count, { call, resolve, reject });
        mailbox.push([count, READS.has(call.name) ? 'recall' : 'fanned', [call.user, '', count]]);
        post();
      });
    const engine: Engine = {
      ...engineOf(shards.engine, perform, () => {}),
      subscribe: shards.engine.subscribe,
    };
    return { engine, suffer() {}, deafen() {} };
  };
  return {
    open,
    standStill(ms) {
      lockedUntilMs = Math.max(lockedUntilMs, scheduler.nowMs + ms);
    },
    goDown() {},
    failOver() {},
    holdSlot() {},
    fill(next) {
      isFull = next;
    },
    ringLate() {},
    heal() {
      lockedUntilMs = 0;
      isFull = false;
    },
  };
};
