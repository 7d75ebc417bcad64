/** Builds programs of this repository that are written in TypeScript, for a process of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { sourceAlias } from './source-alias.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds each entry, a file of the repository, to `NAME.js` in a new directory below node_modules, where packages resolve.
 *
 * @param {Record<string, string>} entries
 * @returns {Promise<{ directory: string, remove: () => Promise<void> }>}
 */
export const buildForNode = async (entries) => {
  const directory = await mkdtemp(join(root, 'node_modules/.built-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: sourceAlias },
      build: { ssr: true, outDir: directory, target: 'node20', rollupOptions: { input: entries } },
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, remove };
};
