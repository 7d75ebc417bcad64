import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATION_FOLDERS } from '../../scripts/mutation-folders.mjs';
import { lastingVerdicts } from '../../scripts/mutation-memory.mjs';
import { mutationOptions } from '../../scripts/mutation-options.mjs';
import { isInSample } from '../../scripts/mutation-sample.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the options of npm run mutation', () => {
  it('are every folder, one mutant at a time', () => {
    const { targets, concurrency } = mutationOptions([]);
    expect(targets.map(({ folder }) => folder)).toEqual(Object.keys(MUTATION_FOLDERS));
    expect(concurrency).toBe(1);
  });

  it('may name one folder, one in it, or one file', () => {
    const tests = MUTATION_FOLDERS['src/lib'];
    expect(mutationOptions(['--folder', 'src/lib/']).targets).toEqual([
      { folder: 'src/lib', mutate: 'src/lib/**/*.{ts,tsx}', tests },
    ]);
    expect(mutationOptions(['--folder=src/gateway/wire']).targets).toMatchObject([
      { folder: 'src/gateway/wire', mutate: 'src/gateway/wire/**/*.{ts,tsx}' },
    ]);
    expect(mutationOptions(['--folder=src/lib/ring.ts', '--concurrency=2'])).toEqual({
      targets: [{ folder: 'src/lib/ring.ts', mutate: 'src/lib/ring.ts', tests }],
      concurrency: 2,
      sample: null,
    });
  });

  it('may take a sample, which a seed decides', () => {
    expect(mutationOptions(['--sample=20']).sample).toEqual({ percent: 20, seed: 1 });
    expect(mutationOptions(['--sample=20', '--seed=14']).sample).toEqual({ percent: 20, seed: 14 });
  });

  it.each([
    [['--folder=docs'], '--folder must be in one of src/lib, '],
    [['--folder=src/libraries'], '--folder must be in one of'],
    [['--concurrency=0'], '--concurrency must be a whole number of 1 or more'],
    [['--sample=none'], '--sample must be a whole number of 1 or more'],
    [['--speed=7'], "Unknown option '--speed'"],
  ])('%s is refused with a sentence', (args, sentence) => {
    expect(() => mutationOptions(args)).toThrow(sentence);
  });
});

describe('a sample of mutants', () => {
  const mutants = Array.from({ length: 1_000 }, (_, at) => ({
    fileName: 'src/lib/ring.ts',
    location: { start: { line: at, column: 4 } },
    mutatorName: 'ConditionalExpression',
    replacement: 'true',
  }));
  const sampleOf = (percent: number, seed: number) =>
    mutants.filter((mutant) => isInSample(mutant, { percent, seed }));

  it('is about as large as was asked for, and another with another seed', () => {
    expect(sampleOf(20, 1).length).toBeGreaterThan(160);
    expect(sampleOf(20, 1).length).toBeLessThan(240);
    expect(sampleOf(20, 2)).not.toEqual(sampleOf(20, 1));
    expect(sampleOf(100, 1)).toEqual(mutants);
  });

  it('is the same wherever the copy of the sources is', () => {
    const copied = mutants.map((mutant) => ({
      ...mutant,
      fileName: `/tmp/x/.stryker-tmp/sandbox-1/${mutant.fileName}`,
    }));
    const size = copied.filter((mutant) => isInSample(mutant, { percent: 20, seed: 1 })).length;
    expect(size).toBe(sampleOf(20, 1).length);
  });
});

describe('the folders of npm run mutation', () => {
  it('and those of their tests exist', () => {
    const paths = Object.entries(MUTATION_FOLDERS).flatMap(([folder, tests]) => [folder, ...tests]);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it('a mutant that was not in the sample, met a busy machine, or lives since its module loads, is tried again in the next run', () => {
  const mutants = ['Killed', 'CompileError', 'Survived', 'Timeout', 'NoCoverage', 'RuntimeError'].map(
    (status, id) => ({ id: String(id), status }),
  );
  const ofLoading = { id: '6', status: 'Survived', static: true };
  const killed = { id: '7', status: 'Killed', static: true };
  const all = [...mutants, ofLoading, killed];
  const report = { schemaVersion: '1', files: { 'src/a.ts': { source: 'a', mutants: all } } };
  expect(lastingVerdicts(report)).toEqual({
    schemaVersion: '1',
    files: { 'src/a.ts': { source: 'a', mutants: [mutants[0], mutants[2], mutants[4], killed] } },
  });
});
