import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A little more than docs/decisions/state.md says. Where the figures go down, they go down here. */
const MAX_LETS = 192;
const MAX_BOOLEANS = 22;

it('closures capture no more state than was reached', () => {
  const said = execFileSync(process.execPath, ['scripts/count-lets.mjs'], { cwd: root, encoding: 'utf8' });
  const [letCount, , , booleanCount] = (said.match(/\d+/g) ?? []).map(Number);
  expect(letCount).toBeGreaterThan(0);
  expect(letCount).toBeLessThanOrEqual(MAX_LETS);
  expect(booleanCount).toBeLessThanOrEqual(MAX_BOOLEANS);
});

it('docs/decisions/state.md says how much that is, and of which kinds', () => {
  const page = readFileSync(`${root}docs/decisions/state.md`, 'utf8');
  const [, letCount] = /There are (\d+), of which \d+ are booleans/.exec(page) ?? [];
  const counts = [...page.matchAll(/^\| [^|]+ \| (\d+) \|/gm)].map(([, count]) => Number(count));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(letCount));
});
