import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What RednGift's code reads of its environment. In quotes it is what the bundler puts in place of it. */
const readByTheApp = (): readonly string[] => {
  const files = readdirSync(join(root, 'app'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter(
    (path) => /\.tsx?$/.test(path) && !/(?:^|\/)(?:dist|node_modules)\//.test(path),
  );
  const names = sources.flatMap((path) =>
    [...read(join('app', path)).matchAll(/(?<!['"])process\.env(?:\.|\[['"])(\w+)/g)].map(
      ([, name]) => name ?? '',
    ),
  );
  return [...new Set(names)].sort();
};

it('RednGift’s page has every environment variable that its code reads, and no other', () => {
  const [, section = ''] = read('docs/redngift.md').split('\n## Environment variables\n');
  const listed = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, name]) => name ?? '',
  );
  expect(listed.length).toBeGreaterThan(5);
  expect([...listed].sort()).toEqual(readByTheApp());
});
