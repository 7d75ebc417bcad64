/** Bundles a line of code as an app's bundler would, and weighs it. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What Vite makes of `code` in production mode, minified, without the packages of `external`. */
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
  return output.map((chunk) => chunk.code ?? '').join('');
};

/** The same in bytes, gzipped. */
export const gzipBytesOf = async (code, external = []) => gzipSync(await bundleOf(code, external)).length;
