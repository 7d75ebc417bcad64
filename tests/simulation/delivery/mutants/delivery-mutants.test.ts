import { describe, expect, it } from 'vitest';
import { occurrencesOf } from '../../mutants/load-mutated.ts';
import { run } from '../run.ts';
import { scenarioOf } from '../scenarios.ts';
import { deliveryMutants } from './delivery-mutants.ts';
import { loadParts } from './load-parts.ts';

describe('the mutants of delivery', () => {
  it.each(deliveryMutants)('$name: changes texts that are there once', ({ edits }) => {
    expect(edits.map(occurrencesOf)).toEqual(edits.map(() => 1));
  });

  it.each(deliveryMutants)(
    '$rule catches: $name',
    async ({ edits, scenario, rule, kind }) => {
      const { plan } = scenarioOf(scenario);
      const { breaches } = await run(plan, await loadParts(edits));
      expect(breaches.map((breach) => `${breach.rule} ${breach.kind}`)).toContain(`${rule} ${kind}`);
    },
    600_000,
  );
});
