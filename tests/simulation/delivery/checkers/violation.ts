import type { History, Record } from '../history.ts';

/** What went wrong, in the words of the issue. */
export type Kind =
  | 'lost'
  | 'duplicated'
  | 'reordered'
  | 'partial'
  | 'false verdict'
  | 'stuck'
  | 'storm'
  | 'false alarm'
  | 'early ACK'
  | 'leaked'
  | 'overflow'
  | 'in the way'
  | 'accepted in silence';

/** A rule that a history breaks. `rule` is an invariant of the design. */
export interface Breach {
  readonly rule: string;
  readonly kind: Kind;
  readonly message: string;
  readonly atMs: number;
}

/** Reads one history from its start and says where it breaks a rule. */
export interface Checker {
  /** The invariants of the design that it looks after. */
  readonly rules: readonly string[];
  readonly check: (records: History['records']) => readonly Breach[];
}

/** Collects the breaches of one checker. */
export const createBreaches = () => {
  const breaches: Breach[] = [];
  return {
    breaches,
    note(record: Pick<Record, 'atMs'>, rule: string, kind: Kind, message: string) {
      breaches.push({ rule, kind, message, atMs: record.atMs });
    },
  };
};
