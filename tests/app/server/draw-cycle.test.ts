import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCycle, type Pair } from '../../../app/server/groups/draw-cycle.ts';
import { everyRow, factorial, scripted } from './support/every-draw.ts';

const members = fc
  .integer({ min: 3, max: 40 })
  .map((count) => Array.from({ length: count }, (_, index) => `m${index}`));
const keyOf = ({ giverId, recipientId }: Pair) => `${giverId} ${recipientId}`;

describe('the draw', () => {
  it('has everyone give once and receive once, nobody to themself, no two to each other', () => {
    fc.assert(
      fc.property(members, (ids) => {
        const pairs = drawCycle(ids);
        expect(pairs.map(({ giverId }) => giverId).toSorted()).toEqual(ids.toSorted());
        expect(pairs.map(({ recipientId }) => recipientId).toSorted()).toEqual(ids.toSorted());
        const drawn = new Set(pairs.map(keyOf));
        for (const { giverId, recipientId } of pairs) {
          expect(giverId).not.toBe(recipientId);
          expect(drawn).not.toContain(keyOf({ giverId: recipientId, recipientId: giverId }));
        }
      }),
    );
  });

  it('is one cycle through all members', () => {
    fc.assert(
      fc.property(members, (ids) => {
        const next = new Map(drawCycle(ids).map(({ giverId, recipientId }) => [giverId, recipientId]));
        const visited = new Set<string>();
        for (let at = ids[0] ?? ''; !visited.has(at); at = next.get(at) ?? '') visited.add(at);
        expect(visited.size).toBe(ids.length);
      }),
    );
  });

  it.each([3, 4, 5, 6])(
    'of %i people is each cycle equally often, counted over every row of random numbers (I14)',
    (count) => {
      const ids = Array.from({ length: count }, (_, index) => `m${index}`);
      const counts = new Map<string, number>();
      for (const row of everyRow(ids)) {
        const key = drawCycle(ids, scripted(row)).map(keyOf).toSorted().join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect(counts.size).toBe(factorial(count - 1));
      expect(new Set(counts.values())).toEqual(new Set([count]));
    },
  );

  it('takes its random numbers from the system: six draws of forty people are six cycles', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const draws = Array.from({ length: 6 }, () => drawCycle(ids).map(keyOf).toSorted().join());
    expect(new Set(draws).size).toBe(6);
  });
});
