import { describe, expect, it } from 'vitest';
import { tortureOptions } from '../../scripts/torture-options.mjs';

describe('the torture', () => {
  it('goes on for 20 minutes by a new seed, unless it is told otherwise', () => {
    expect(tortureOptions([], () => 42)).toEqual({ minutes: 20, seed: 42, store: 'sqlite', nodes: 1 });
    expect(tortureOptions(['--minutes=3', '--seed', '7'], () => 42)).toEqual({
      minutes: 3,
      seed: 7,
      store: 'sqlite',
      nodes: 1,
    });
    expect(tortureOptions(['--store=postgres'], () => 42)).toMatchObject({ store: 'postgres', nodes: 3 });
  });

  it.each([
    ['--minutes=0'],
    ['--minutes=half'],
    ['--seed=-1'],
    ['--seed=x'],
    ['--rounds=2'],
    ['--store=oracle'],
    ['--nodes=2'],
  ])('refuses %s, and says why', (arg) => {
    expect(() => tortureOptions([arg], () => 42)).toThrow(/--(minutes|seed|rounds|store|nodes)/);
  });
});
