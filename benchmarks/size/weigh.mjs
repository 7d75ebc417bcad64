/** Bundles a line of code as an app's bundler would, and weighs it. */
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

/** What Vite makes of `code` in production mode, minified, without the packages of `external`: what a page loads at once. */
export const bundleOf = async (code, external = []) => {
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
    ],
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rollupOptions: {
        input: 'entry',
        preserveEntrySignatures: 'strict',
        external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
      },
    },
  });
  return loadedAtOnce(output)
    .map(({ code: text }) => text)
    .join('');
};

/** The same in bytes, gzipped. */
export const gzipBytesOf = async (code, external = []) => gzipSync(await bundleOf(code, external)).length;
