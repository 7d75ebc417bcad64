import { describe, expect, it } from 'vitest';
import { occurrencesOf } from '../../mutants/load-mutated.ts';
import { engineScenarioOf } from '../engine-scenarios.ts';
import { run } from '../run.ts';
import { engineMutants } from './engine-mutants.ts';
import { loadParts } from './load-parts.ts';

describe('the mutants of engines and nodes', () => {
  it.each(engineMutants)('$name: changes texts that are there once', ({ edits }) => {
    expect(edits.map(occurrencesOf)).toEqual(edits.map(() => 1));
  });

  it.each(engineMutants)(
    '$rule catches: $name',
    async ({ edits, scenario, rule, kind }) => {
      const { breaches } = await run(engineScenarioOf(scenario).plan, await loadParts(edits));
      expect(breaches.map((breach) => `${breach.rule} ${breach.kind}`)).toContain(`${rule} ${kind}`);
    },
    600_000,
  );
});
