import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(root, folder, path));

const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '));

describe('docs/errors.md', () => {
  it('lists every error code once, in the order of the set, with where it comes from, its cause and its cure', () => {
    expect(rows.map(([code]) => code)).toEqual(ERROR_CODES.map((code) => `\`${code}\``));
    for (const row of rows) {
      expect(row).toHaveLength(4);
      for (const text of row) expect(text.trim()).not.toBe('');
    }
  });
});

const tests = filesBelow('tests')
  .filter((path) => !path.includes('/house/'))
  .map((path) => readFileSync(path, 'utf8'));
const sources = filesBelow('src')
  .filter((path) => !path.endsWith('protocol/errors.ts'))
  .map((path) => readFileSync(path, 'utf8'));

describe('each error code', () => {
  it.each(ERROR_CODES)('%s is made somewhere and proved by a test', (code) => {
    const before = `(?:StatesocketError|badOption|unusable)\\(|mistake\\(\\s*\\[[^\\]]*\\],|failing\\(\\s*'\\w+',`;
    const made = new RegExp(`\\b(?:${before})\\s*'${code}'`);
    expect(sources.some((text) => made.test(text))).toBe(true);
    expect(tests.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});
