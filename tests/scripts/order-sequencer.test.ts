import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALONE_FILES } from '../alone-files.ts';
import { dealOut } from '../order.sequencer.ts';
import { SLOW_FILES } from '../slow-files.ts';

const computes = (...seconds: number[]) => seconds.map((each) => ({ seconds: each, waits: false }));
const waits = (...seconds: number[]) => seconds.map((each) => ({ seconds: each, waits: true }));
const shown = (jobs: readonly { seconds: number; waits: boolean }[]) =>
  jobs.map(({ seconds, waits: does }) => `${does ? 'waits' : 'computes'} ${seconds}`);

describe('the order of test files', () => {
  it('has two that wait and two that compute on four workers, the longest first', () => {
    const order = dealOut([...computes(1, 5, 9), ...waits(2, 7, 8)], 4);
    expect(shown(order)).toEqual(['waits 8', 'waits 7', 'computes 9', 'computes 5', 'computes 1', 'waits 2']);
  });

  it('gives who is free first a file of the kind that is short', () => {
    const order = dealOut([...computes(10, 10, 10), ...waits(3, 3, 3, 3)], 4);
    expect(shown(order)).toEqual([
      ...['waits 3', 'waits 3', 'computes 10', 'computes 10'],
      ...['waits 3', 'waits 3', 'computes 10'],
    ]);
  });

  it('has one at a time on one worker, and leaves none out', () => {
    const order = dealOut([...computes(1, 2), ...waits(3)], 1);
    expect(shown(order)).toEqual(['computes 2', 'computes 1', 'waits 3']);
  });

  it('knows files that there are', () => {
    expect(Object.keys(SLOW_FILES).filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('a file in a process of its own', () => {
  it('is there', () => expect(ALONE_FILES.filter((file) => !existsSync(file))).toEqual([]));

  it('is each that replaces modules or starts a Sentry SDK: other files of its worker would get them too', () => {
    const files = readdirSync('tests', { recursive: true, encoding: 'utf8' })
      .map((file) => `tests/${file.replaceAll('\\', '/')}`)
      .filter(
        (file) => file.endsWith('.test.ts') && !file.includes('.dom.') && !file.startsWith('tests/e2e/'),
      );
    const replacing = files.filter((file) =>
      /\b(?:vi\.(?:do)?(?:mock|resetModules)|Sentry\.init)\(/i.test(readFileSync(file, 'utf8')),
    );
    expect(replacing.length).toBeGreaterThan(2);
    expect(replacing.filter((file) => !ALONE_FILES.includes(file))).toEqual([]);
  });
});
