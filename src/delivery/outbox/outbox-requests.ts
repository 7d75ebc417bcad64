import type { SendResult } from '../../client/send-result.ts';
import type { OutboxCommit } from './outbox-commit.ts';
import { changed } from './outbox-commit.ts';
import { type Entry, rowOf } from './outbox-entry.ts';
import type { OutboxJudge } from './outbox-judge.ts';
import type { OutboxLine } from './outbox-line.ts';
import type { OutboxQueue } from './outbox-queue.ts';

export interface OutboxRequestsOptions {
  /** Makes an entry. Null: it was refused. */
  readonly make: (text: string) => Entry | null;
  readonly queue: OutboxQueue;
  readonly judge: OutboxJudge;
  readonly line: () => OutboxLine | null;
  readonly commit: OutboxCommit['commit'];
}

/** What an app asks of a queue. */
export interface OutboxRequests {
  add(text: string): SendResult;
  retry(key: string): void;
  discard(key: string): void;
}

export const createOutboxRequests = (options: OutboxRequestsOptions): OutboxRequests => {
  const { queue, commit } = options;

  const queueUp = (text: string): Entry | null => {
    const entry = options.make(text);
    if (entry === null) return null;
    queue.add(entry);
    // A plain server takes it now; for any other it is stored first.
    const line = options.line();
    if (line?.isPlain === true) line.pump();
    return entry;
  };

  return {
    add(text) {
      const entry = queueUp(text);
      if (entry === null) return 'refused';
      commit([changed({ type: 'save' })(entry)]);
      return rowOf(entry).shows === 'queued' ? 'queued' : 'sent';
    },
    retry(key) {
      const failed = queue.find(key);
      if (failed?.phase !== 'failed') return;
      const entry = queueUp(failed.stored.text);
      if (entry !== null) commit([changed({ type: 'save' })(entry), changed({ type: 'forget' })(failed)]);
    },
    discard(key) {
      const entry = queue.find(key);
      if (entry !== undefined) commit([options.judge.discard(entry)]);
    },
  };
};
