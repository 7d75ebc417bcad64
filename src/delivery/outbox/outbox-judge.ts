import { StatesocketError } from '../../protocol/errors.ts';
import { SKIPPED } from '../../protocol/extension.ts';
import { type AgeWatch, LONGEST_AGE_MS } from './outbox-age.ts';
import type { Change } from './outbox-commit.ts';
import { type Entry, type EntryEvent, rowOf } from './outbox-entry.ts';
import type { Verdict } from './outbox-line.ts';
import type { SteadyStore } from './steady-store.ts';

/** Says what becomes of an entry, by its phase, its age and the store. It changes nothing itself. */
export interface OutboxJudge {
  /** Whether a socket may have carried it, where only a verdict may fail it. */
  mayBeSent(entry: Entry): boolean;
  /** It was decided so long ago that no person looks for it. */
  isForgotten(entry: Entry): boolean;
  /** Notes, before they are sent, that a server of the extension may have them. */
  numbering(entries: readonly Entry[]): readonly Change[];
  /** Its turn to be sent has come: it may be too old, or be withdrawn where no SKIP can be sent. */
  turn(entry: Entry, isPlain: boolean): readonly Change[];
  /** These are too old. What may have been sent is judged when its turn comes. */
  expiring(entries: readonly Entry[]): readonly Change[];
  /** It has cost too many sockets. Null: none has. */
  quarantine(poison: Entry | null): readonly Change[];
  /** The server has decided. */
  verdict(verdict: Verdict): Change;
  /** A person takes it out. */
  discard(entry: Entry): Change;
}

const changeOf = (entry: Entry, event: EntryEvent): Change => ({ entry, event });

export const createOutboxJudge = (
  age: Pick<AgeWatch, 'isOver'>,
  store: Pick<SteadyStore, 'exclusive'>,
): OutboxJudge => {
  // Another page may have sent it where the store cannot rule that out.
  const mayBeSent = (entry: Entry): boolean => rowOf(entry).mayBeSent || !store.exclusive;
  const expired = (entry: Entry): Change => changeOf(entry, { type: 'failHere', code: 'expired' });

  return {
    mayBeSent,
    isForgotten: (entry) => !rowOf(entry).isOpen && age.isOver(entry, LONGEST_AGE_MS),
    numbering: (entries) =>
      entries
        .filter((entry) => rowOf(entry).isOpen && entry.stored.numbered !== true)
        .map((entry) => changeOf(entry, { type: 'save', numbered: true })),
    turn(entry, isPlain) {
      const { skip } = entry.stored;
      if (skip === undefined) {
        if (!age.isOver(entry)) return [];
        const isKnownHere = isPlain || !mayBeSent(entry);
        return [isKnownHere ? expired(entry) : changeOf(entry, { type: 'withdraw', skip: 'expired' })];
      }
      if (!isPlain) return [];
      // No verdict will ever come.
      return [changeOf(entry, skip === 'discarded' ? { type: 'forget' } : { type: 'failHere', code: skip })];
    },
    expiring: (entries) => entries.filter((entry) => !mayBeSent(entry)).map(expired),
    quarantine: (poison) =>
      poison === null || poison.stored.skip !== undefined
        ? []
        : [changeOf(poison, { type: 'withdraw', skip: 'quarantined' })],
    verdict({ entry, code }) {
      const { skip } = entry.stored;
      if (code === null) return changeOf(entry, { type: 'deliver' });
      if (skip === 'discarded') return changeOf(entry, { type: 'forget' });
      return changeOf(entry, { type: 'fail', code: code === SKIPPED && skip !== undefined ? skip : code });
    },
    discard(entry) {
      if (!rowOf(entry).isOpen) return changeOf(entry, { type: 'forget' });
      return changeOf(
        entry,
        mayBeSent(entry) ? { type: 'withdraw', skip: 'discarded' } : { type: 'discardHere' },
      );
    },
  };
};

/** Says how many messages end with a session before their verdict, where any do. */
export const reportDiscarded = (
  entries: readonly Entry[],
  by: 'logout' | 'dispose',
  report: (error: StatesocketError) => void,
): void => {
  const waiting = entries.map(rowOf).filter(({ isOpen }) => isOpen);
  if (waiting.length === 0) return;
  const sentCount = waiting.filter(({ mayBeSent }) => mayBeSent).length;
  const what = `${by}() ended ${waiting.length} waiting messages; ${sentCount} of them may have been sent already.`;
  report(new StatesocketError('messages-discarded', what));
};
