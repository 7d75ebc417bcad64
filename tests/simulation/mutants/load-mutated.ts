import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { sourceAlias } from '../../../scripts/source-alias.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One text in one file, and what is there instead. */
export interface Edit {
  readonly file: string;
  /** The exact text that is replaced; it occurs once in the file. */
  readonly from: string;
  readonly to: string;
}

/** How often the text to replace occurs in the file that it is from. */
export const occurrencesOf = ({ file, from }: Edit): number =>
  readFileSync(root + file, 'utf8').split(from).length - 1;

/**
 * Loads a module of ours, and all of ours that it uses, a second time, with some texts replaced. Nothing is written to disk;
 * packages are those that the tests have.
 *
 * @throws {Error} when a changed file is not part of what was loaded.
 */
export const loadMutated = async <M>(entry: string, edits: readonly Edit[]): Promise<M> => {
  const left = new Set(edits);
  const { module } = await runnerImport<M>(root + entry, {
    root,
    logLevel: 'error',
    resolve: { alias: sourceAlias },
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
  });
  for (const { file } of left) throw new Error(`${file} is not loaded by what the tests use.`);
  return module;
};
