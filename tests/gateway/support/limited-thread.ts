import { startSqliteThread, THREAD_SOURCE } from '../../../src/gateway/engine/sqlite-thread.ts';
import type { ThreadData } from '../../../src/gateway/engine/thread/calls.ts';

/**
 * A limit of pages belongs to a connection, and the engine keeps its own to itself, in its thread. There this comes first: what
 * it opens listens to the channel.
 */
const limitSource = (channelName: string) => `{
  const { libsql } = require('node:worker_threads').workerData.data;
  require(libsql);
  const known = require.cache[libsql];
  const channel = new BroadcastChannel(${JSON.stringify(channelName)});
  channel.unref();
  known.exports = class extends known.exports {
    constructor(...args) {
      super(...args);
      const pragma = (text) => Number(Object.values(this.pragma(text)[0] ?? {})[0]);
      channel.onmessage = ({ data: { full, asked } }) => {
        if (full !== undefined) pragma('max_page_count = ' + (full ? pragma('page_count') : 1_073_741_823));
        channel.postMessage(asked === undefined ? 0 : pragma(asked));
      };
      channel.unref();
    }
  };
}
`;

let count = 0;

/** The thread of a sqlite engine whose connection can be asked, and whose file may be kept from growing by one more page, so that SQLite says SQLITE_FULL. */
export const limitedThread = () => {
  count += 1;
  const name = `full ${process.pid} ${count}`;
  const channel = new BroadcastChannel(name);
  const ask = (question: { readonly full?: boolean; readonly asked?: string }) =>
    new Promise<number>((resolve) => {
      channel.onmessage = ({ data }) => resolve(data);
      channel.postMessage(question);
    });
  return {
    start: (dataNow: () => ThreadData) => startSqliteThread(dataNow, limitSource(name) + THREAD_SOURCE),
    /** Resolves when it is so. */
    setFull: (full: boolean) => ask({ full }),
    /** What the engine's own connection says of a pragma. */
    pragma: (asked: string) => ask({ asked }),
    end: () => channel.close(),
  };
};
