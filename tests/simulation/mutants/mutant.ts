import type { Implementation } from '../implementation.ts';
import { type Edit, loadMutated } from './load-mutated.ts';

/** One change to the sources that must not go unnoticed. */
export interface Mutant extends Edit {
  /** What was changed, in a few words. */
  readonly name: string;
  /** What would go wrong, and when. */
  readonly fault: string;
  /** The rule that it breaks: an invariant of the design, or a row of the policy. */
  readonly rule: string;
}

/** A mutant that the search must find. */
export interface ChartMutant extends Mutant {
  /** How many moves lead to the first step that is wrong. */
  readonly moveCount: number;
}

/** A mutant that a story must find, and which. */
export interface ActorMutant extends Mutant {
  readonly story: string;
}

/** Machines and sources with the change of a mutant. */
export const loadMutant = async (mutant: Mutant): Promise<Implementation> =>
  (await loadMutated<typeof import('../implementation.ts')>('tests/simulation/implementation.ts', [mutant]))
    .original;
