import { describe, expect, it } from 'vitest';
import { original, Violation } from './implementation.ts';
import { actorMutants } from './mutants/actor-mutants.ts';
import { attemptStories } from './mutants/attempt-stories.ts';
import { chartMutants } from './mutants/chart-mutants.ts';
import { edgeMutants } from './mutants/edge-mutants.ts';
import { edgeStories } from './mutants/edge-stories.ts';
import { engineStories } from './mutants/engine-stories.ts';
import { inboxStories } from './mutants/inbox-stories.ts';
import { livenessStories } from './mutants/liveness-stories.ts';
import { occurrencesOf } from './mutants/load-mutated.ts';
import { loadMutant } from './mutants/mutant.ts';
import { socketStories } from './mutants/socket-stories.ts';
import type { Story } from './mutants/story.ts';
import { search, TINY } from './search.ts';

const stories = [
  ...socketStories,
  ...engineStories,
  ...attemptStories,
  ...livenessStories,
  ...inboxStories,
  ...edgeStories,
];
const storyMutants = [...actorMutants, ...edgeMutants];
const storyOf = (name: string): Story => {
  const story = stories.find((each) => each.name === name);
  if (story === undefined) throw new Error(`There is no story "${name}".`);
  return story;
};

/** The rule that was broken, and the message. Whatever else is thrown is a broken test, not a mutant that was caught. */
const violationOf = async (check: () => unknown): Promise<Violation> => {
  try {
    await check();
  } catch (cause) {
    if (cause instanceof Violation) return cause;
    throw cause;
  }
  throw new Error('The mutant survives.');
};

const moveCountOf = ({ message }: Violation): number => message.split('\nby ')[1]?.split(' → ').length ?? 0;

describe('the mutants', () => {
  it.each([...chartMutants, ...storyMutants])('$name: changes a text that is in $file once', (mutant) => {
    expect(occurrencesOf(mutant)).toBe(1);
    expect(mutant.to).not.toBe(mutant.from);
  });

  it('have a name of their own each', () => {
    const names = [...chartMutants, ...storyMutants].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('leave no story without a mutant', () => {
    const used = new Set(storyMutants.map(({ story }) => story));
    expect(stories.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
  });
});

// That they pass the search with the same constants is in search.test.ts.
describe('the sources as they are', () => {
  it.each(stories)('hold: $name', ({ holds }) => holds(original));
});

describe('the search', () => {
  it.each(chartMutants)(
    'finds: $name',
    async (mutant) => {
      const mutated = await loadMutant(mutant);
      const violation = await violationOf(() => search(mutated, TINY));
      expect([violation.rule, moveCountOf(violation)], violation.message).toEqual([
        mutant.rule,
        mutant.moveCount,
      ]);
    },
    600_000,
  );
});

describe('a story', () => {
  it.each(storyMutants)(
    'finds: $name',
    async (mutant) => {
      const mutated = await loadMutant(mutant);
      const violation = await violationOf(() => storyOf(mutant.story).holds(mutated));
      expect(violation.rule, violation.message).toBe(mutant.rule);
    },
    600_000,
  );
});
