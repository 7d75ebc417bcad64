import { demand } from '../implementation.ts';

/** How often something has come about in all runs: they must not talk of nothing. */
export type Tally = Map<string, number>;

/** What is seen between two checks, and what must be. */
export interface Moment {
  /** Calls of listeners and frames that the server got, in order. */
  readonly log: string[];
  /** The error is reported before the next check. */
  expects(code: string): void;
  /** It is reported, or not. */
  allows(code: string): void;
  /** What is due so far is reported, or not. */
  pardons(): void;
  reports(code: string): void;
  counts(what: string): void;
  /** Runs what may find a fault inside a callback: the connection must not see the throw. The next check throws it. */
  guard<T>(look: () => T): T | undefined;
  /** Throws the first fault, and what is missing or too much; then begins again. */
  check(): void;
}

export const createMoment = (tally: Tally): Moment => {
  const log: string[] = [];
  const faults: unknown[] = [];
  let expected: string[] = [];
  let allowed: string[] = [];
  let reported: string[] = [];
  return {
    log,
    expects: (code) => void expected.push(code),
    allows: (code) => void allowed.push(code),
    pardons() {
      allowed.push(...expected.splice(0));
    },
    reports: (code) => void reported.push(code),
    counts: (what) => void tally.set(what, (tally.get(what) ?? 0) + 1),
    guard(look) {
      try {
        return look();
      } catch (fault) {
        faults.push(fault);
        return undefined;
      }
    },
    check() {
      if (faults.length > 0) throw faults[0];
      demand(log.length === 0, 'log', () => `nobody expects [${log}]`);
      const surplus = [...reported];
      const told = () => `reported [${reported}] where [${expected}] is due`;
      for (const code of expected) {
        const at = surplus.indexOf(code);
        demand(at >= 0, 'errors', told);
        surplus.splice(at, 1);
      }
      for (const code of surplus) {
        const at = allowed.indexOf(code);
        demand(at >= 0, 'errors', told);
        allowed.splice(at, 1);
      }
      expected = [];
      allowed = [];
      reported = [];
    },
  };
};
