import type { Parts } from './parts.ts';
import { run } from './run.ts';
import type { Plan } from './steps.ts';

/** Whether a plan still breaks the same rule in the same way. */
const breaks = async (plan: Plan, rule: string, kind: string, parts: Parts): Promise<boolean> =>
  (await run(plan, parts)).breaches.some((breach) => breach.rule === rule && breach.kind === kind);

/**
 * The smallest plan it finds that breaks the same rule: steps are taken out, many at a time and then one by one, as long
 * as it still does.
 */
export const shrink = async (plan: Plan, rule: string, kind: string, parts: Parts): Promise<Plan> => {
  let smallest = plan;
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < smallest.steps.length; ) {
      const steps = [...smallest.steps];
      steps.splice(start, size);
      const candidate = { ...smallest, steps };
      if (await breaks(candidate, rule, kind, parts)) smallest = candidate;
      else start += size;
    }
  }
  const simpler: readonly Partial<Plan>[] = [
    { nodeCount: 1 },
    { latencyMs: [1, 5] },
    { retainedCount: 1_000 },
    { maxCount: 1_000 },
    { keeps: true },
  ];
  for (const change of simpler) {
    const candidate = { ...smallest, ...change };
    if (await breaks(candidate, rule, kind, parts)) smallest = candidate;
  }
  return smallest;
};
