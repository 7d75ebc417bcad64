import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecentSet } from '../../src/lib/recent-set.ts';

describe('a recent set', () => {
  it('knows exactly the last values added, as a plain list would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 })),
        fc.integer({ min: 1, max: 6 }),
        (values, capacity) => {
          const set = createRecentSet<number>(capacity);
          let model: number[] = [];
          for (const value of values) {
            set.add(value);
            if (!model.includes(value)) model = [...model, value].slice(-capacity);
            for (let probe = 0; probe <= 12; probe += 1) expect(set.has(probe)).toBe(model.includes(probe));
          }
          set.clear();
          expect(values.some((value) => set.has(value))).toBe(false);
        },
      ),
    );
  });

  it('keeps undefined as it keeps any other value', () => {
    const set = createRecentSet<number | undefined>(2);
    set.add(undefined);
    set.add(1);
    expect([set.has(undefined), set.has(1)]).toEqual([true, true]);
    set.add(2);
    expect([set.has(undefined), set.has(1), set.has(2)]).toEqual([false, true, true]);
  });
});
