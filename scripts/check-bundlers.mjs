/**
 * `npm run check:bundlers`: small apps on the packed package, each with the peers that it needs and no other, are bundled by vite,
 * webpack, esbuild and rollup, and every bundle runs. `-- inspector` takes only the apps with that in their names. Needs
 * npm's registry.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUNDLED_APPS } from './bundled-apps.mjs';
import { inFolder, installIn, packInto, runIn } from './packed-package.mjs';

const BUNDLERS = ['vite', 'webpack', 'esbuild', 'rollup'];
const TOOLS = [
  'vite@8',
  'webpack@5',
  'esbuild@0.27',
  'rollup@4',
  '@rollup/plugin-node-resolve@16',
  '@rollup/plugin-commonjs@28',
  '@rollup/plugin-replace@6',
];

/** React's renderer for browsers has a MessageChannel, with which Node never ends. */
const END = '\nsetTimeout(() => process.exit(), 100);';

/** Runs beside the bundlers, in a process of its own for each bundle: \`node build.mjs BUNDLER FOLDER OUT IS_SERVER\`. */
const BUILD = `
import { builtinModules } from 'node:module';
import { join } from 'node:path';
const [bundler, folder, out, kind] = process.argv.slice(2);
const input = join(folder, 'main.js');
const isServer = kind === 'server';
const node = [...builtinModules, /^node:/];
const define = { 'process.env.NODE_ENV': '"production"' };
const build = {
  async vite() {
    const { build } = await import('vite');
    await build({
      root: folder, configFile: false, logLevel: 'error', define,
      build: {
        outDir: out, target: 'es2022', ssr: isServer,
        rollupOptions: { input, output: { entryFileNames: 'main.js' }, external: isServer ? node : [] },
      },
      ssr: { noExternal: true },
    });
  },
  async webpack() {
    const { default: webpack } = await import('webpack');
    const stats = await new Promise((resolve, reject) => webpack({
      mode: 'production', context: folder, entry: input, target: isServer ? 'node20' : ['web', 'es2022'],
      experiments: { outputModule: true },
      output: { path: out, filename: 'main.js', module: true, chunkFormat: 'module', publicPath: './' },
      performance: false, cache: false,
    }, (error, done) => (error ? reject(error) : resolve(done))));
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    // What is required within a try and is not there is a warning: libsql, and two native packages that \`ws\` can use.
    const isOptional = ({ message }) => isServer && /'(?:libsql|bufferutil|utf-8-validate)'/.test(message);
    const faults = [...errors, ...warnings.filter((warning) => !isOptional(warning))];
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join(' '));
  },
  async esbuild() {
    const { build } = await import('esbuild');
    const { warnings } = await build({
      entryPoints: [input], outdir: out, bundle: true, minify: true, splitting: true, format: 'esm', target: 'es2022', define,
      platform: isServer ? 'node' : 'browser', logLevel: 'silent',
      banner: isServer ? { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } : {},
    });
    if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join(' '));
  },
  async rollup() {
    const { rollup } = await import('rollup');
    const { default: resolve } = await import('@rollup/plugin-node-resolve');
    const { default: commonjs } = await import('@rollup/plugin-commonjs');
    const { default: replace } = await import('@rollup/plugin-replace');
    const faults = [];
    const bundle = await rollup({
      input, external: isServer ? node : [],
      plugins: [
        replace({ preventAssignment: true, values: define }),
        resolve({ browser: !isServer, preferBuiltins: isServer }),
        commonjs({ ignoreTryCatch: true }),
      ],
      // That a file says 'use client' means nothing here.
      onwarn: ({ code, message }) => { if (code === 'UNRESOLVED_IMPORT' || code === 'MISSING_EXPORT') faults.push(message); },
    });
    if (faults.length > 0) throw new Error(faults.join(' '));
    await bundle.write({ dir: out, format: 'es', entryFileNames: 'main.js' });
  },
};
await build[bundler]();
`;

/** A part of the names of the apps that are wanted; none: all. */
const wanted = process.argv[2] ?? '';

const lastLines = (text) => text.split('\n').slice(-12).join('\n        ');

/** Takes the chunks away that hold these words, as a network would that fails. Returns how many there were beside the page's own. */
const dropChunks = async (out, words) => {
  const names = (await readdir(out, { recursive: true })).filter(
    (name) => name.endsWith('.js') && name !== 'main.js',
  );
  const texts = await Promise.all(names.map((name) => readFile(join(out, name), 'utf8')));
  const dropped = names.filter((_, index) => texts[index].includes(words));
  for (const name of dropped) await rm(join(out, name));
  return dropped.length;
};

/** The same page without a chunk that it loads when it is needed: it must go on, and say so. */
const runsWithoutChunk = async (out, { chunkHas, printsWithoutChunk }) => {
  if (chunkHas === undefined) return { isWell: true, output: '' };
  const count = await dropChunks(out, chunkHas);
  if (count === 0) return { isWell: false, output: `No chunk of its own has "${chunkHas}".` };
  const ran = await runIn(out, process.execPath, ['--no-warnings', 'main.js']);
  return {
    isWell: ran.isWell && ran.output === printsWithoutChunk,
    output: `without its chunk: ${ran.output}`,
  };
};

const checkApp = async (
  tools,
  archive,
  { name, code, prints, printsBy = {}, peers = [], isServer = false, mostBytes, ...chunk },
) =>
  inFolder('app', async (folder) => {
    await installIn(folder, [archive, ...peers]);
    await writeFile(join(folder, 'main.js'), peers.includes('react@19') ? code + END : code);
    const results = [];
    for (const bundler of BUNDLERS) {
      const out = join(folder, `out-${bundler}`);
      await mkdir(out);
      const kind = isServer ? 'server' : 'page';
      const built = await runIn(tools, process.execPath, ['build.mjs', bundler, folder, out, kind]);
      const ran = built.isWell ? await runIn(out, process.execPath, ['--no-warnings', 'main.js']) : built;
      const bytes = ran.isWell ? gzipSync(await readFile(join(out, 'main.js'))).length : 0;
      const isSmall = mostBytes === undefined || bytes <= mostBytes;
      const isRight = ran.isWell && ran.output === (printsBy[bundler] ?? prints) && isSmall;
      const alone = isRight ? await runsWithoutChunk(out, chunk) : ran;
      const passes = isRight && alone.isWell;
      results.push(passes);
      console.log(`${passes ? 'passes' : 'FAILS '}  ${bundler}: ${name}, ${(bytes / 1_000).toFixed(1)} kB`);
      if (!passes) console.log(`        ${lastLines(alone.output)}`);
    }
    return results.every(Boolean);
  });

const passes = await inFolder('bundlers', async (tools) => {
  const archive = await packInto(tools);
  await installIn(tools, TOOLS);
  await writeFile(join(tools, 'build.mjs'), BUILD);
  const results = [];
  for (const app of BUNDLED_APPS.filter(({ name }) => name.includes(wanted)))
    results.push(await checkApp(tools, archive, app));
  return results.every(Boolean);
});
process.exit(passes ? 0 : 1);
