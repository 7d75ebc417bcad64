import { expect, it } from 'vitest';
import { finiteOrNull } from '../../src/lib/finite-or-null.ts';

it('Infinity, which JSON does not have, is null; every other count stays', () => {
  expect([0, 20, Number.POSITIVE_INFINITY].map(finiteOrNull)).toEqual([0, 20, null]);
});
