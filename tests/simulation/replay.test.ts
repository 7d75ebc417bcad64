import { describe, expect, it } from 'vitest';
import { original } from './implementation.ts';
import { createReplay } from './replay.ts';
import { AT_ONCE, type SearchConstants, SMALL, search } from './search.ts';

const CONSTANTS: readonly (readonly [string, SearchConstants])[] = [
  ['with two retries and three connects', SMALL],
  ['where a socket is stable at once and nothing is spread', AT_ONCE],
];

describe('a connection that is led to a state of the search', () => {
  it.each(CONSTANTS)(
    'I10 leaves nothing when it is disposed of there, %s',
    async (_, constants) => {
      let count = 0;
      for (const { situation, moves } of search(original, constants).ways()) {
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
    120_000,
  );
});
