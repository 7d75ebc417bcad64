import type { SkipReason } from '../../actors/outbox-store.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { SKIPPED } from '../../protocol/extension.ts';
import type { OutboxItem } from './outbox-item.ts';
import type { OutboxList } from './outbox-list.ts';
import type { SteadySession } from './steady-store.ts';

const say = (code: string): string =>
  ({
    expired: 'it waited longer than maxAgeMs',
    quarantined: 'three sockets were closed over it',
    [SKIPPED]: 'another page withdrew it',
  })[code] ?? 'the server rejected it';

/** How entries end, in the list and in the store. */
export interface OutboxEndings {
  /** Takes entries out of the store. A promise: it is not done yet. */
  forget(items: readonly OutboxItem[]): Promise<void> | undefined;
  /** Takes entries out of the list and the store. */
  leave(items: readonly OutboxItem[]): void;
  /** From now on a SKIP goes in the place of the entry, and the server's verdict ends it. */
  withdraw(item: OutboxItem, skip: SkipReason): void;
  /** Fails an entry by the server's word, which it would give again. */
  fail(item: OutboxItem, code: string): void;
  /** Fails an entry that the server knows nothing of. */
  failHere(item: OutboxItem, code: string): void;
  /** Takes out an entry that the server knows nothing of. */
  discardHere(item: OutboxItem): void;
}

export const createOutboxEndings = (options: {
  readonly list: OutboxList;
  readonly report: (error: StatesocketError) => void;
  /** The store of the session; null: none has begun. */
  readonly store: () => SteadySession | null;
  /** The store is about to keep a verdict. */
  readonly afterVerdict: (kept: Promise<void> | undefined) => void;
}): OutboxEndings => {
  const { list, report, store, afterVerdict } = options;

  const forget = (items: readonly OutboxItem[]): Promise<void> | undefined => {
    const stored = items.filter(({ saved }) => saved !== 'no').map((item) => item.stored);
    if (stored.length === 0) return undefined;
    const gone = store()?.remove(stored);
    afterVerdict(gone);
    return gone;
  };
  const keepFailure = (item: OutboxItem, code: string): Promise<void> | undefined => {
    item.stored = { ...item.stored, failure: code };
    item.saved = 'yes';
    const kept = store()?.put(item.stored);
    afterVerdict(kept);
    return kept;
  };
  const showFailure = (item: OutboxItem, code: string): void => {
    const tooMany = list.decide(item, 'failed', code);
    if (tooMany !== undefined) forget([tooMany]);
    report(new StatesocketError('message-failed', `A durable message failed: ${say(code)} (${code}).`));
  };

  /** Shown once the store has it: a reload before that brings the entry back, and it is sent. */
  const conclude = (item: OutboxItem, kept: Promise<void> | undefined, show: () => void): void => {
    list.close(item);
    if (kept === undefined) {
      show();
      return;
    }
    kept.then(() => {
      if (!list.items.includes(item)) return;
      show();
      list.notify();
    });
  };

  return {
    forget,
    leave(items) {
      list.remove(items);
      forget(items);
    },
    withdraw(item, skip) {
      item.stored = { ...item.stored, skip };
      list.touch(item);
      afterVerdict(store()?.put(item.stored));
    },
    fail(item, code) {
      keepFailure(item, code);
      showFailure(item, code);
    },
    failHere: (item, code) => conclude(item, keepFailure(item, code), () => showFailure(item, code)),
    discardHere: (item) => conclude(item, forget([item]), () => list.remove([item])),
  };
};
