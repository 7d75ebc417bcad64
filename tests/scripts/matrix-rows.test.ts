import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { MATRIX_ROWS, nextVersion } from '../../scripts/matrix-rows.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the rows of npm run check:matrix', () => {
  it('run tests that exist', () => {
    const folders = MATRIX_ROWS.flatMap(({ tests }) => tests).filter((test) => test.startsWith('tests/'));
    expect(folders.length).toBeGreaterThan(5);
    expect(folders.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  it('demand the React before the one that our tests have, which the package still promises', () => {
    const [react] = MATRIX_ROWS;
    expect(react).toMatchObject({ name: 'React 18', isDemanded: true });
    expect(react?.packages).toContain('react@18');
    expect(packageJson.peerDependencies.react).toContain('^18.');
  });
});

describe('the newest version of a package', () => {
  it.each([
    [['5.33.3', '5.4.0', '6.0.0-alpha.3', '6.0.0-alpha.52', '6.0.0-alpha.23'], '6.0.0-alpha.52'],
    [['6.0.0-beta.9', '6.0.0', '5.40.0'], '6.0.0'],
    [['5.9.0', '5.33.3', '5.33.10'], '5.33.10'],
    [['5.0.0'], '5.0.0'],
  ])('of %j is %s', (versions, newest) => {
    expect(nextVersion(versions)).toBe(newest);
  });
});
