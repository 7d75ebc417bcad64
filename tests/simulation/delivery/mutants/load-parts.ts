import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import type { Parts } from '../parts.ts';
import type { Edit } from './delivery-mutants.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** How often the text to replace occurs in the file that it is from. */
export const occurrencesOf = ({ file, from }: Edit): number =>
  readFileSync(root + file, 'utf8').split(from).length - 1;

/**
 * Loads client and gateway a second time, with some texts replaced. Nothing is written to disk.
 *
 * @throws {Error} when a changed file is not part of what was loaded.
 */
export const loadParts = async (edits: readonly Edit[]): Promise<Parts> => {
  const left = new Set(edits);
  const { module } = await runnerImport<typeof import('../parts.ts')>(
    `${root}tests/simulation/delivery/parts.ts`,
    {
      root,
      logLevel: 'error',
      resolve: {
        alias: [
          { find: /^statesocket\/machines$/, replacement: `${root}machines/index.ts` },
          { find: /^statesocket$/, replacement: `${root}src/index.ts` },
        ],
      },
      plugins: [
        {
          name: 'mutation',
          enforce: 'pre',
          transform(code, id) {
            let changed = code;
            for (const edit of edits) {
              if (id !== root + edit.file) continue;
              changed = changed.replace(edit.from, () => edit.to);
              left.delete(edit);
            }
            return changed === code ? null : changed;
          },
        },
      ],
    },
  );
  for (const { file } of left) throw new Error(`${file} is not loaded by what the tests use.`);
  return module.original;
};
