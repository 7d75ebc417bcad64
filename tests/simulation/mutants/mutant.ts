import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import type { Implementation } from '../implementation.ts';

/** One change to the sources that must not go unnoticed. */
export interface Mutant {
  /** What was changed, in a few words. */
  readonly name: string;
  readonly file: string;
  /** The exact text that is replaced; it occurs once in the file. */
  readonly from: string;
  readonly to: string;
  /** What would go wrong, and when. */
  readonly fault: string;
  /** The rule that it breaks: an invariant of the design, or a row of the policy. */
  readonly rule: string;
}

/** A mutant that the search must find. */
export interface ChartMutant extends Mutant {
  /** How many moves lead to the first step that is wrong. */
  readonly moveCount: number;
}

/** A mutant that a story must find, and which. */
export interface ActorMutant extends Mutant {
  readonly story: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How often the text to replace occurs in the file that it is from. */
export const occurrencesOf = ({ file, from }: Mutant): number =>
  readFileSync(root + file, 'utf8').split(from).length - 1;

/**
 * Loads machines and sources a second time, with one text replaced. Nothing is written to disk; packages are those that
 * the tests have.
 *
 * @throws {Error} when the changed file is not part of what was loaded.
 */
export const loadMutant = async ({ file, from, to }: Mutant): Promise<Implementation> => {
  let isChanged = false;
  const { module } = await runnerImport<typeof import('../implementation.ts')>(
    `${root}tests/simulation/implementation.ts`,
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
            if (id !== root + file) return null;
            isChanged = true;
            return code.replace(from, () => to);
          },
        },
      ],
    },
  );
  if (!isChanged) throw new Error(`${file} is not loaded by what the tests use.`);
  return module.original;
};
