/**
 * The thread of the sqlite engine: the one that has the database open. Its text is in sqlite-thread.json, by
 * `npm run build:thread`.
 */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type Database from 'libsql';
import type { Call, FromThread, ThreadData, ToThread } from './calls.ts';
import { failureOf } from './failure.ts';
import { createGroups } from './groups.ts';
import { openTransactions } from './transactions.ts';

const { data, port, opened } = workerData as {
  readonly data: ThreadData;
  readonly port: MessagePort;
  /** Set and notified when the first message is out. */
  readonly opened: Int32Array;
};
const say = (message: FromThread) => port.postMessage(message);

const start = (): FromThread => {
  try {
    const Libsql: typeof Database = createRequire(data.libsql)(data.libsql);
    const { transactions, close } = openTransactions(Libsql, data);
    let isClosing = false;
    const callsOf = (message: ToThread): readonly Call[] => {
      if (message !== 'close') return message;
      isClosing = true;
      return [];
    };
    const take = createGroups({
      transactions,
      answer: say,
      more() {
        const calls: Call[] = [];
        for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
          calls.push(...callsOf(next.message));
        return calls;
      },
      isClosing: () => isClosing,
      closed() {
        close();
        port.close();
      },
      now: () => performance.now(),
      setTimeout,
    });
    port.on('message', (message: ToThread) => take(callsOf(message)));
    return 'opened';
  } catch (cause) {
    return failureOf(cause, data.file);
  }
};

say(start());
Atomics.store(opened, 0, 1);
Atomics.notify(opened, 0);
