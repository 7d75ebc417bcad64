import type { Clock } from '../lib/clock.ts';

/** How long nothing more is reported of a kind, in ms. */
const SPARING_MS = 60_000;

/** Reports the first of a kind, and then one a minute: what a stranger or a bug causes at every connection. */
export type SparingReport = (kind: string, tell: (leftOut: string) => void) => void;

/** `tell` gets the end of a sentence: how many were left out since the last report, or nothing. */
export const createSparingReport = (clock: Clock): SparingReport => {
  const told = new Map<string, { readonly at: number; leftOutCount: number }>();
  return (kind, tell) => {
    const last = told.get(kind);
    const at = clock.now();
    if (last !== undefined && at - last.at < SPARING_MS) {
      last.leftOutCount += 1;
      return;
    }
    told.set(kind, { at, leftOutCount: 0 });
    const count = last?.leftOutCount ?? 0;
    tell(count === 0 ? '' : ` ${count} more like it since the last report.`);
  };
};
