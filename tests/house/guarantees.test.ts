import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of the tables whose last column names the proof. */
const rows = ['docs/guarantees.md', 'docs/anonymity.md', 'docs/security.md', 'docs/checks.md']
  .flatMap((document) => read(document).split('\n\n'))
  .filter((block) => /\| proved by \|$/m.test(block))
  .flatMap((block) =>
    block.split('\n').slice(block.split('\n').findIndex((line) => line.startsWith('|')) + 2),
  )
  .filter((line) => line.startsWith('|'))
  .map(cellsOf);

describe('the guarantees', () => {
  it('are many', () => expect(rows.length).toBeGreaterThan(30));

  it.each(rows.map((cells) => [cells[0], cells.at(-1) ?? '']))(
    '%s: is proved by tests that exist',
    (_, proof) => {
      const proofs = [...proof.matchAll(/`((?:tests|src\/gateway\/contract)\/[\w./-]+)` "([^"]+)"/g)];
      expect(proofs.map(([whole]) => whole).join('; ')).toBe(proof);
      expect(proofs).not.toEqual([]);
      for (const [, file, title] of proofs) {
        expect(existsSync(join(root, file ?? '')), file).toBe(true);
        const titles =
          read(file ?? '').match(
            /(?:\b(?:it|describe|contractCase|nodeCase)\b[\s\S]{0,120}?|\](?: as const)?\))\(\s*(?:'(?:[^'\\]|\\.)*'|`[^`]*`)/g,
          ) ?? [];
        const named = titles.filter((found) => found.includes(title ?? ''));
        expect(named, `${file} has a test "${title}"`).not.toEqual([]);
      }
    },
  );
});
