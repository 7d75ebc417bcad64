import type { StoredEntry } from '../../actors/outbox-store.ts';
import { onceInTurn } from '../../lib/once-in-turn.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { SKIPPED } from '../../protocol/extension.ts';
import { afterEvent, type Entry, type EntryEvent, type EntryPhase, rowOf } from './outbox-entry.ts';
import type { OutboxQueue } from './outbox-queue.ts';
import type { Pending, SteadyStore } from './steady-store.ts';

/** Something happens to an entry. */
export interface Change {
  readonly entry: Entry;
  readonly event: EntryEvent;
}

/** Makes the change of one entry after the other. */
export const changed =
  (event: EntryEvent) =>
  (entry: Entry): Change => ({ entry, event });

const KINDS = ['delivered', 'failed'] as const;

export interface OutboxCommitOptions {
  readonly queue: OutboxQueue;
  readonly store: Pick<SteadyStore, 'put' | 'remove'>;
  /** Sends what may be sent now. */
  readonly pump: () => void;
  /** Shows the queue to the app. */
  readonly show: () => void;
  /** The store has all verdicts again. */
  readonly onVerdictsKept: () => void;
  readonly report: (error: StatesocketError) => void;
}

/** The one way in which entries change. */
export interface OutboxCommit {
  /** Verdicts that the store has not kept yet. */
  readonly unkeptCount: number;
  /** Changes entries, and stores what must be stored: the half of a commit that a pump may call. */
  apply(changes: readonly Change[]): void;
  /** Changes entries, stores what must be stored, sends what may be sent by that, and tells the app, once. */
  commit(changes: readonly Change[]): void;
}

const describeCode = (code: string): string =>
  ({
    expired: 'it waited longer than maxAgeMs',
    quarantined: 'three sockets were closed over it',
    [SKIPPED]: 'another page withdrew it',
  })[code] ?? 'the server rejected it';

const failedError = (code = ''): StatesocketError =>
  new StatesocketError('message-failed', `A durable message failed: ${describeCode(code)} (${code}).`);

export const createOutboxCommit = (options: OutboxCommitOptions): OutboxCommit => {
  const { queue, store, report } = options;
  const errors: StatesocketError[] = [];
  const replies: (() => readonly Change[])[] = [];
  const verdicts = { unkeptCount: 0 };

  /** The store keeps a verdict before a next socket's first command lets the server forget it. */
  const awaitVerdict = (kept: Pending, then: () => void): void => {
    if (kept === undefined) {
      then();
      return;
    }
    verdicts.unkeptCount += 1;
    kept.then(() => {
      verdicts.unkeptCount -= 1;
      then();
      if (verdicts.unkeptCount === 0) options.onVerdictsKept();
    });
  };

  const commitReplies = onceInTurn(() => commit(replies.splice(0).flatMap((reply) => reply())));
  /** What the store replies in one turn, as for all of a transaction, is one commit: each looks at the whole queue. */
  const commitSoon = (changes: () => readonly Change[]): void => {
    replies.push(changes);
    commitReplies();
  };

  const save = (entry: Entry): void => {
    const { stored } = entry;
    const saved = (): readonly Change[] =>
      entry.stored.numbered === stored.numbered ? [{ entry, event: { type: 'saved' } }] : [];
    const pending = store.put(stored);
    if (pending === undefined) apply(saved());
    else pending.then(() => commitSoon(saved));
  };

  /** What was decided here is shown once the store has it: a reload before that brings the entry back, and it is sent. */
  const conclude = (kept: Pending, entries: readonly Entry[]): void => {
    const done = entries.map(changed({ type: 'done' }));
    awaitVerdict(kept, () => {
      if (done.length === 0) return;
      if (kept === undefined) apply(done);
      else commitSoon(() => done);
    });
  };

  /** Returns whether it is concluded already. */
  const put = (entry: Entry, { type }: EntryEvent): boolean => {
    if (type === 'save') save(entry);
    else if (type === 'withdraw' || type === 'fail') conclude(store.put(entry.stored), []);
    else if (type === 'failHere') {
      const kept = store.put(entry.stored);
      if (kept === undefined) return true;
      conclude(kept, [entry]);
    }
    return false;
  };

  /**
   * One change. What the store had of the entry and must forget is added to `forgotten`, an entry that is concluded at once to
   * `concluded`. Returns whether it changed anything.
   */
  const take = ({ entry, event }: Change, forgotten: StoredEntry[], concluded: Entry[]): boolean => {
    const after = afterEvent(entry, event);
    if (after === null) return false;
    if (rowOf(entry).stored !== 'no' && rowOf(after).stored === 'no') forgotten.push(after.stored);
    queue.changes(entry, after);
    if (after.phase === 'failed') errors.push(failedError(after.stored.failure));
    if (put(entry, event)) concluded.push(entry);
    return true;
  };

  const apply = (changes: readonly Change[]): void => {
    const forgotten: StoredEntry[] = [];
    const concluded: Entry[] = [];
    const taken = changes.filter((change) => take(change, forgotten, concluded));
    // All at once: each look at what stays in sight is one at the whole queue.
    conclude(undefined, concluded);
    const isNow = (phase: EntryPhase): boolean => taken.some(({ entry }) => entry.phase === phase);
    queue.remove(taken.map(({ entry }) => entry).filter(({ phase }) => phase === 'gone'));
    const discarded = taken.filter(({ event }) => event.type === 'discardHere').map(({ entry }) => entry);
    if (forgotten.length > 0) conclude(store.remove(forgotten), discarded);
    else if (discarded.length > 0) conclude(undefined, discarded);
    // Only so many stay in sight.
    for (const kind of KINDS) if (isNow(kind)) apply(queue.surplus(kind).map(changed({ type: 'forget' })));
  };

  const commit = (changes: readonly Change[]): void => {
    apply(changes);
    options.pump();
    options.show();
    for (const error of errors.splice(0)) report(error);
  };

  return {
    get unkeptCount() {
      return verdicts.unkeptCount;
    },
    apply,
    commit,
  };
};
