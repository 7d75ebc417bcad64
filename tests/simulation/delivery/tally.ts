import { original, type Parts } from './parts.ts';
import { type Outcome, run } from './run.ts';
import { platformBreathes } from './scheduler.ts';
import type { Plan } from './steps.ts';

/** What many runs came to together. */
export interface Tally {
  runCount: number;
  stepCount: number;
  commandCount: number;
  appliedCount: number;
  reloadCount: number;
  dialCount: number;
  /** The longest that a world needed after its last fault, in ms of its own. */
  longestCalmMs: number;
  /** Faults that found something to break, by name. */
  faultCounts: Record<string, number>;
  /** Runs that broke a rule: their seed, and how. */
  failures: { readonly seed: string; readonly breaches: readonly string[] }[];
}

export const emptyTally = (): Tally => ({
  runCount: 0,
  stepCount: 0,
  commandCount: 0,
  appliedCount: 0,
  reloadCount: 0,
  dialCount: 0,
  longestCalmMs: 0,
  faultCounts: {},
  failures: [],
});

const MAX_BREACHES_COUNT = 5;

const note = (tally: Tally, { seed }: Plan, { history, breaches, stepCount }: Outcome): void => {
  tally.runCount += 1;
  tally.stepCount += stepCount;
  for (const record of history.records) {
    if (record.what === 'said') tally.commandCount += 1;
    else if (record.what === 'applied') tally.appliedCount += 1;
    else if (record.what === 'reloaded') tally.reloadCount += 1;
    else if (record.what === 'dial') tally.dialCount += 1;
    else if (record.what === 'end')
      tally.longestCalmMs = Math.max(tally.longestCalmMs, record.calmAfterMs ?? Number.POSITIVE_INFINITY);
    else if (record.what === 'fault')
      tally.faultCounts[record.fault] = (tally.faultCounts[record.fault] ?? 0) + 1;
  }
  if (breaches.length === 0) return;
  const said = breaches.slice(0, MAX_BREACHES_COUNT);
  tally.failures.push({
    seed,
    breaches: said.map(({ rule, kind, message, atMs }) => `${rule} ${kind} at ${atMs} ms: ${message}`),
  });
};

/** Plays each plan and adds up what came of them. A run that throws counts as one that broke a rule. */
export const playAll = async (plans: Iterable<Plan>, parts: Parts = original): Promise<Tally> => {
  const tally = emptyTally();
  for (const plan of plans) {
    try {
      note(tally, plan, await run(plan, parts));
      await platformBreathes();
    } catch (cause) {
      tally.failures.push({ seed: plan.seed, breaches: [`threw ${String(cause)}`] });
    }
  }
  return tally;
};

/** How many faults there were in all. A crash at a call counts once. */
export const faultCountOf = ({ faultCounts }: Tally): number =>
  Object.entries(faultCounts).reduce(
    (sum, [name, count]) => sum + (name.startsWith('crash ') && name !== 'crash at a call' ? 0 : count),
    0,
  );
