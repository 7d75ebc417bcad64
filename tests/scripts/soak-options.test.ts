import { describe, expect, it } from 'vitest';
import { soakOptions } from '../../scripts/soak-options.mjs';

const drawSeed = () => 42;

describe('the options of npm run soak:commands', () => {
  it('are 100,000 runs from a new seed', () => {
    expect(soakOptions([], drawSeed)).toEqual({ runs: 100_000, seed: 42, path: undefined });
  });

  it('may say how many runs, and from which seed', () => {
    expect(soakOptions(['--runs=2000', '--seed=-7'], drawSeed)).toEqual({
      runs: 2_000,
      seed: -7,
      path: undefined,
    });
  });

  it('show a breach again by what its report says', () => {
    const { seed, path } = soakOptions(['--seed=7', '--path=12:0:1'], drawSeed);
    expect({ seed, path }).toEqual({ seed: 7, path: '12:0:1' });
  });

  it.each([
    [['--runs=many'], '--runs must be a whole number'],
    [['--runs=0'], '--runs must be 1 or more'],
    [['--seed=1.5'], '--seed must be a whole number'],
    [['--path=12:0:1'], '--path needs the --seed'],
    [['--seed=7', '--path=12;rm'], '--path must be numbers'],
    [['--speed=7'], "Unknown option '--speed'"],
  ])('%s is refused with a sentence', (args, sentence) => {
    expect(() => soakOptions(args, drawSeed)).toThrow(sentence);
  });
});
