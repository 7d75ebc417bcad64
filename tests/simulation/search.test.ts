import { connectionMachine } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { original } from './implementation.ts';
import recorded from './recorded-search.json' with { type: 'json' };
import { AT_ONCE, REAL, SMALL, search, TINY } from './search.ts';

/** SEARCH=full takes half an hour, most of it where nothing is left out. */
const isFull = process.env.SEARCH === 'full';
const FULL_SEARCH_MS = 60 * 60_000;

const countsOf = ({ stateCount, stepCount, forgedCount, depth }: ReturnType<typeof search>) => ({
  stateCount,
  stepCount,
  forgedCount,
  depth,
});

describe('the adversary search', () => {
  const coverage = createChartCoverage(connectionMachine);

  it('I1 I8 I9 I10 I11 I13 I14 I16 I18 and the policy hold in every state that the world can bring about', () => {
    const found = search(original, SMALL, { inspect: coverage.observe });
    expect(countsOf(found)).toEqual(recorded.small);
    expect(found.leaves.size).toBe(20);
  }, 600_000);

  it('holds too where a socket is stable at once and nothing is spread', () => {
    const found = search(original, AT_ONCE, { inspect: coverage.observe });
    expect(countsOf(found)).toEqual(recorded.atOnce);
  }, 300_000);

  it('takes every transition of the chart', () => {
    expect(coverage.all().length).toBeGreaterThan(50);
    expect(coverage.missing()).toEqual([]);
  });

  it('finds the same situations when nothing is left out of their keys', () => {
    const essence = (options: { unreduced: boolean }) => {
      const found = search(original, TINY, options);
      const seen = new Set([...found.ways()].map(({ situation }) => found.keyOf(situation)));
      return { seen: [...seen].sort(), stateCount: found.stateCount };
    };
    const reduced = essence({ unreduced: false });
    const unreduced = essence({ unreduced: true });
    expect(unreduced.seen).toEqual(reduced.seen);
    expect(unreduced.stateCount).toBeGreaterThan(reduced.stateCount);
  }, 240_000);

  // Minutes long, so by script only: SEARCH=full npx vitest run --project node tests/simulation/search.test.ts
  if (isFull) {
    it(
      'holds with the real constants',
      () => {
        expect(countsOf(search(original, REAL))).toEqual(recorded.full);
      },
      FULL_SEARCH_MS,
    );

    it(
      'holds with the real constants where users have names and nothing is left out, and finds the same situations',
      () => {
        const found = search(original, REAL, { unreduced: true });
        const seen = new Set([...found.ways()].map(({ situation }) => found.keyOf(situation)));
        expect({ reducedCount: seen.size, ...countsOf(found) }).toEqual(recorded.unreduced);
      },
      FULL_SEARCH_MS,
    );
  }
});
