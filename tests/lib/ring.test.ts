import { expect, it } from 'vitest';
import { createRing } from '../../src/lib/ring.ts';

it('a ring holds the last items, oldest first, and says which one each new one pushes out', () => {
  const ring = createRing<string>(3);
  expect(['a', 'b', 'c', 'd', 'e'].map(ring.add)).toEqual([undefined, undefined, undefined, 'a', 'b']);
  expect(ring.toArray()).toEqual(['c', 'd', 'e']);
});

it('a ring that is not full yet holds what came', () => {
  const ring = createRing<number>(3);
  expect(ring.toArray()).toEqual([]);
  ring.add(7);
  expect(ring.toArray()).toEqual([7]);
});
