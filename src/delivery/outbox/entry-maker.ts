import { StatesocketError } from '../../protocol/errors.ts';
import { messageOf } from './entry-text.ts';
import type { Entry } from './outbox-entry.ts';
import type { OutboxQueue } from './outbox-queue.ts';

export interface EntryMakerOptions {
  readonly userId: string;
  /** The name under which it numbers. Nobody else uses it. */
  readonly clientId: string;
  readonly uuid: () => string;
  /** The time that ages are counted in. */
  readonly time: () => number;
  /** Whether a server of the extension may get it. */
  readonly knowsServer: () => boolean;
  readonly queue: OutboxQueue;
  /** How many entries may wait. */
  readonly maxCount: number;
  readonly report: (error: StatesocketError) => void;
}

/** Makes the entries of one session: each under the next number, with a key of its own. Null: refused, with a report. */
export const createEntryMaker = (options: EntryMakerOptions): ((text: string) => Entry | null) => {
  const { queue, maxCount, report } = options;
  const last = { number: 0 };
  return (text) => {
    const message = messageOf(text);
    if (message instanceof StatesocketError) {
      const what = 'No server of this protocol would read the message. It was refused.';
      report(new StatesocketError('message-not-serialisable', what, { cause: message }));
      return null;
    }
    if (queue.openCount >= maxCount) {
      const what = `The outbox holds ${maxCount} messages already (maxCount). The message was refused.`;
      report(new StatesocketError('outbox-full', what));
      return null;
    }
    last.number += 1;
    const { userId, clientId } = options;
    const stored = { userId, clientId, n: last.number, key: options.uuid(), text, queuedAt: options.time() };
    const numbered = options.knowsServer() ? { numbered: true as const } : {};
    return { message, stored: { ...stored, ...numbered }, phase: 'fresh', view: null };
  };
};
