import { type Edit, loadMutated } from '../../mutants/load-mutated.ts';
import type { Parts } from '../parts.ts';

/** Client and gateway with some texts replaced. */
export const loadParts = async (edits: readonly Edit[]): Promise<Parts> =>
  (await loadMutated<typeof import('../parts.ts')>('tests/simulation/delivery/parts.ts', edits)).original;
