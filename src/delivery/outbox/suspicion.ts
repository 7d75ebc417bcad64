import type { Entry } from './outbox-entry.ts';

/** Unsupported data, invalid text, too big, internal error: closes that a single command can cause (RFC 6455, 7.4.1). */
const POISON_CODES: ReadonlySet<number | null> = new Set([1003, 1007, 1009, 1011]);
/** How many sockets a command may cost. */
const POISON_LIMIT_COUNT = 3;

/** Which commands may have closed the sockets that carried them. It outlives those sockets. */
export interface Suspicion {
  /** Some are suspected: one command goes at a time, until each of them has its verdict. */
  readonly isActive: boolean;
  /** A socket was closed with this code while these were in flight. Returns the one that has cost too many sockets. */
  closed(inFlight: readonly Entry[], code: number | null): Entry | null;
  /** They have their verdicts, or are another page's to send. */
  clears(decided: readonly Entry[]): void;
  /** Another server: nobody is suspected. */
  clearsAll(): void;
}

export const createSuspicion = (): Suspicion => {
  const suspects = new Set<Entry>();
  const costs = new WeakMap<Entry, number>();
  return {
    get isActive() {
      return suspects.size > 0;
    },
    closed(inFlight, code) {
      const [head] = inFlight;
      if (head === undefined || !POISON_CODES.has(code)) return null;
      for (const entry of inFlight) suspects.add(entry);
      const cost = (costs.get(head) ?? 0) + 1;
      costs.set(head, cost);
      return cost === POISON_LIMIT_COUNT ? head : null;
    },
    clears(decided) {
      for (const entry of decided) suspects.delete(entry);
    },
    clearsAll: () => suspects.clear(),
  };
};
