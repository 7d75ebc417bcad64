import { parseArgs } from 'node:util';
import { MUTATION_FOLDERS } from './mutation-folders.mjs';
import { wholeNumber } from './whole-number.mjs';

/**
 * Reads the options of `npm run mutation`: `--folder` is one of the folders, or a folder or file in one; without it all are tried, one
 * after the other. `--concurrency` is how many mutants are tried at once. `--sample` is a share in per cent: only so many of a folder's
 * mutants are tried, and `--seed` decides which.
 *
 * @param {readonly string[]} args What stands behind the name of the script.
 * @returns {{ targets: { folder: string, mutate: string, tests: readonly string[] }[], concurrency: number, sample: { percent: number, seed: number } | null }}
 * @throws {Error} for an option that is not known, and for a folder that no tests are known of.
 */
export const mutationOptions = (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      folder: { type: 'string' },
      concurrency: { type: 'string' },
      sample: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const concurrency = wholeNumber('concurrency', values.concurrency ?? '1', 1);
  const percent = values.sample === undefined ? null : wholeNumber('sample', values.sample, 1);
  const sample = percent === null ? null : { percent, seed: wholeNumber('seed', values.seed ?? '1', 0) };
  const wanted = values.folder?.replace(/\/$/, '');
  const targets = Object.entries(MUTATION_FOLDERS)
    .filter(([folder]) => wanted === undefined || wanted === folder || wanted.startsWith(`${folder}/`))
    .map(([folder, tests]) => {
      const path = wanted ?? folder;
      return { folder: path, mutate: /\.tsx?$/.test(path) ? path : `${path}/**/*.{ts,tsx}`, tests };
    });
  if (targets.length === 0) {
    const known = Object.keys(MUTATION_FOLDERS).join(', ');
    throw new Error(`--folder must be in one of ${known}; it is ${wanted}.`);
  }
  return { targets, concurrency, sample };
};
