import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRunnableDevEnvironment, createServerModuleRunner, resolveConfig } from 'vite';
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

/** What is replaced while the next module is loaded, and which of it has not been met so far. */
interface Pending {
  readonly edits: readonly Edit[];
  readonly left: Set<Edit>;
}

/** Compiles our sources for all mutants of a file of tests: each source once, and once more where a mutant changes it. */
const createWorkshop = async () => {
  const pending: { now: Pending } = { now: { edits: [], left: new Set() } };
  const config = await resolveConfig(
    {
      root,
      configFile: false,
      envDir: false,
      logLevel: 'error',
      cacheDir: root,
      resolve: { alias: sourceAlias },
      environments: {
        mutants: {
          consumer: 'server',
          dev: { moduleRunnerTransform: true },
          resolve: { external: true, mainFields: [], conditions: ['node'] },
        },
      },
      plugins: [
        {
          name: 'mutation',
          enforce: 'pre',
          transform(code, id) {
            let changed = code;
            for (const edit of pending.now.edits) {
              if (id !== root + edit.file) continue;
              changed = changed.replace(edit.from, () => edit.to);
              pending.now.left.delete(edit);
            }
            return changed === code ? null : changed;
          },
        },
      ],
    },
    'serve',
  );
  const environment = createRunnableDevEnvironment('mutants', config, { hot: false });
  await environment.init();
  const forget = ({ file }: Edit): void => {
    for (const compiled of environment.moduleGraph.getModulesByFile(root + file) ?? [])
      environment.moduleGraph.invalidateModule(compiled);
  };
  return async <M>(entry: string, edits: readonly Edit[]): Promise<M> => {
    const left = new Set(edits);
    pending.now = { edits, left };
    edits.forEach(forget);
    // Its own: what one runner loads shares nothing with what another has loaded.
    const runner = createServerModuleRunner(environment, { hmr: false });
    try {
      const loaded: M = await runner.import(root + entry);
      for (const { file } of left) throw new Error(`${file} is not loaded by what the tests use.`);
      return loaded;
    } finally {
      await runner.close();
      edits.forEach(forget);
      pending.now = { edits: [], left: new Set() };
    }
  };
};

let workshop: ReturnType<typeof createWorkshop> | null = null;

/**
 * Loads a module of ours, and all of ours that it uses, a second time, with some texts replaced. Nothing is written to disk;
 * packages are those that the tests have. One at a time: wait for a module before you load the next.
 *
 * @throws {Error} when a changed file is not part of what was loaded.
 */
export const loadMutated = async <M>(entry: string, edits: readonly Edit[]): Promise<M> => {
  workshop ??= createWorkshop();
  return (await workshop)<M>(entry, edits);
};
