import { connectionMachine } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { original } from './implementation.ts';
import recorded from './recorded-search.json' with { type: 'json' };
import { createReplay } from './replay.ts';
import { AT_ONCE, REAL, type SearchConstants, SMALL, search, TINY } from './search.ts';

/** SEARCH=full takes half an hour, most of it where nothing is left out. */
const isFull = process.env.SEARCH === 'full';
const FULL_SEARCH_MS = 60 * 60_000;

const countsOf = ({ stateCount, stepCount, forgedCount, depth }: ReturnType<typeof search>) => ({
  stateCount,
  stepCount,
  forgedCount,
  depth,
});

/** For what is searched twice: both counters have two values, which is what a key could confuse. SEARCH=full has the real ones. */
const SMALLEST: SearchConstants = { ...TINY, budgetCount: 1 };

const coverage = createChartCoverage(connectionMachine);
const searched = new Map<SearchConstants, ReturnType<typeof search>>();

/** What is found with these constants. Each search is made once, for all tests of this file. */
const foundWith = (constants: SearchConstants): ReturnType<typeof search> => {
  const found = searched.get(constants) ?? search(original, constants, { inspect: coverage.observe });
  searched.set(constants, found);
  return found;
};

describe('the adversary search', () => {
  it('I1 I8 I9 I10 I11 I13 I14 I16 I18 and the policy hold in every state that the world can bring about', () => {
    const found = foundWith(SMALL);
    expect(countsOf(found)).toEqual(recorded.small);
    expect(found.leaves.size).toBe(20);
  }, 600_000);

  it('holds too where a socket is stable at once and nothing is spread', () => {
    expect(countsOf(foundWith(AT_ONCE))).toEqual(recorded.atOnce);
  }, 600_000);

  it('passes with the constants with which the mutants of the chart fail', () => {
    expect(search(original, TINY).stateCount).toBeGreaterThan(500);
  }, 600_000);

  it('takes every transition of the chart', () => {
    expect(coverage.all().length).toBeGreaterThan(50);
    expect(coverage.missing()).toEqual([]);
  });

  it('finds the same situations when nothing is left out of their keys', () => {
    const essence = (options: { unreduced: boolean }) => {
      const found = search(original, SMALLEST, options);
      const seen = new Set([...found.ways()].map(({ situation }) => found.keyOf(situation)));
      return { seen: [...seen].sort(), stateCount: found.stateCount };
    };
    const reduced = essence({ unreduced: false });
    const unreduced = essence({ unreduced: true });
    expect(unreduced.seen).toEqual(reduced.seen);
    expect(unreduced.stateCount).toBeGreaterThan(reduced.stateCount);
  }, 600_000);

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

const CONSTANTS: readonly (readonly [string, SearchConstants])[] = [
  ['with two retries and three connects', SMALL],
  ['where a socket is stable at once and nothing is spread', AT_ONCE],
];

describe('a connection that is led to a state of the search', () => {
  it.each(CONSTANTS)(
    'I10 leaves nothing when it is disposed of there, %s',
    async (_, constants) => {
      let count = 0;
      for (const { situation, moves } of foundWith(constants).ways()) {
        // Each way ends there.
        if (situation.leaf === 'disposed') continue;
        const replay = createReplay(constants);
        try {
          await replay.goes(moves);
          expect(replay.situation()).toEqual(situation);
          await replay.ends();
        } catch (cause) {
          throw new Error(`by ${moves.map(({ name }) => name).join(' → ')}`, { cause });
        } finally {
          replay.connection.dispose();
        }
        count += 1;
      }
      expect(count).toBeGreaterThan(500);
    },
    600_000,
  );
});
