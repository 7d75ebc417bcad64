import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import type Database from 'libsql';
import type { SqliteThread } from '../../../src/gateway/engine/sqlite-thread.ts';
import type { Answer, Call, ThreadData } from '../../../src/gateway/engine/thread/calls.ts';
import { createGroups } from '../../../src/gateway/engine/thread/groups.ts';
import { openTransactions } from '../../../src/gateway/engine/thread/transactions.ts';

const Libsql: typeof Database = createRequire(import.meta.url)('libsql');

/**
 * What the thread of the sqlite engine does, without a thread: from the sources, so that who changes a line there, or mutates it,
 * sees the tests that run it.
 */
export const inProcessThread = (dataNow: () => ThreadData): SqliteThread => {
  const database = openTransactions(Libsql, dataNow());
  const settleById = new Map<number, (answer: Answer) => void>();
  let isClosing = false;
  let lastId = 0;
  let arriving: Call[] = [];
  const arrived = (): readonly Call[] => {
    const calls = arriving;
    arriving = [];
    return calls;
  };
  const take = createGroups({
    transactions: database.transactions,
    answer(answers) {
      for (const answer of answers) settleById.get(answer[0])?.(answer);
    },
    more: arrived,
    isClosing: () => isClosing,
    closed: database.close,
    now: () => performance.now(),
    setTimeout,
  });
  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        if (isClosing) throw Object.assign(new Error('It is closed.'), { code: 'engine-failed' });
        lastId += 1;
        settleById.set(lastId, ([, failure, result]) => {
          if (failure === null) resolve(result as never);
          else reject(Object.assign(new Error(failure.words), { code: 'engine-failed', cause: failure }));
        });
        arriving.push([lastId, name, args] as Call);
        if (arriving.length === 1) setImmediate(() => take(arrived()));
      }),
    flush() {}, // what was called leaves in the next turn
    async close() {
      if (isClosing) return;
      isClosing = true;
      take(arrived());
    },
  };
};
