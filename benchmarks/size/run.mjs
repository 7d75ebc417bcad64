/** See README.md. Bundles each entry of package.json's `exports` as an app's bundler would, and weighs it. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const { values: args } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const NODE = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** The gzip size in bytes of everything exported by `specifier`, minified, without the packages of `external`. */
const gzipBytesOf = async (specifier, external) => {
  const { output } = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'one-entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : null),
        load: (id) => (id === '\0entry' ? `export * from ${JSON.stringify(specifier)};` : null),
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
  return gzipSync(output.map(({ code }) => code ?? '').join('')).length;
};

const peers = [...Object.keys(manifest.peerDependencies), ...NODE];
const rows = [];
for (const path of Object.keys(manifest.exports)) {
  if (path === './package.json') continue;
  const specifier = `${manifest.name}${path.slice(1)}`;
  rows.push({
    name: specifier,
    wholeBytes: await gzipBytesOf(specifier, peers),
    ownBytes: await gzipBytesOf(specifier, [...peers, ...Object.keys(manifest.dependencies)]),
  });
}
const xstateBytes = await gzipBytesOf('xstate', []);
rows.push({ name: 'xstate by itself', wholeBytes: xstateBytes, ownBytes: xstateBytes });

if (args.json) {
  console.log(JSON.stringify(rows));
} else {
  console.log('| entry | kB with its dependencies | kB of our own code |\n|---|---|---|');
  for (const { name, wholeBytes, ownBytes } of rows) {
    console.log(`| ${name} | ${(wholeBytes / 1_000).toFixed(1)} | ${(ownBytes / 1_000).toFixed(1)} |`);
  }
}
