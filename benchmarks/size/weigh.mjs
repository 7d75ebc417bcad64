/** Bundles a line of code as an app's bundler would, and weighs it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The chunks that a page loads at once: the entry, and what it imports. What is imported by a call comes later, if ever. */
const loadedAtOnce = (chunks) => {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set();
  const add = (chunk) => {
    if (chunk === undefined || found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports ?? []) add(byName.get(name));
  };
  for (const chunk of chunks) if (chunk.isEntry) add(chunk);
  return [...found];
};

/** The built package's files with their source maps, so that the bundle's map leads to the sources. */
const withMaps = {
  name: 'with-maps',
  load: (id) =>
    existsSync(`${id}.map`)
      ? { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) }
      : null,
};

/** Vite puts a helper of its own into a page with an `import()`, once. It is the page's, which has others: it is weighed by itself. */
const withoutPreloadHelper = {
  name: 'without-preload-helper',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
};

/**
 * What Vite makes of `code` in production mode, minified, without the packages of `external`: the chunks a page loads at once.
 * `withHelper`: with Vite's own helper for `import()`.
 */
export const chunksOf = async (code, external = [], { withHelper = false } = {}) => {
  const { output } = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'one-entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : null),
        load: (id) => (id === '\0entry' ? code : null),
      },
      withMaps,
      ...(withHelper ? [] : [withoutPreloadHelper]),
    ],
    build: {
      write: false,
      sourcemap: 'hidden',
      minify: true,
      target: 'es2022',
      rollupOptions: {
        input: 'entry',
        preserveEntrySignatures: 'strict',
        external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
      },
    },
  });
  return loadedAtOnce(output);
};

/** The same as one text. */
export const bundleOf = async (code, external = [], options = {}) =>
  (await chunksOf(code, external, options)).map(({ code: text }) => text).join('');

/** The same in bytes, gzipped. */
export const gzipBytesOf = async (code, external = [], options = {}) =>
  gzipSync(await bundleOf(code, external, options)).length;
