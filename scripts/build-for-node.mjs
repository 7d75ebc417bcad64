/** Builds programs of this repository that are written in TypeScript, for a process of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

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
      resolve: {
        alias: [
          { find: /^statesocket$/, replacement: `${root}src/index.ts` },
          { find: /^statesocket\/(machines)$/, replacement: `${root}$1/index.ts` },
          { find: /^statesocket\/(\w+)$/, replacement: `${root}src/$1/index.ts` },
        ],
      },
      build: { ssr: true, outDir: directory, target: 'node20', rollupOptions: { input: entries } },
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, remove };
};
