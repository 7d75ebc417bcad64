/** See README.md. Bundles each entry of package.json's `exports` as an app's bundler would, and weighs it. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { parseArgs } from 'node:util';
import { gzipBytesOf } from './weigh.mjs';

const { values: args } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const NODE = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

const peers = [...Object.keys(manifest.peerDependencies), ...NODE];
const rows = [];
const weigh = async (name, code) => {
  const wholeBytes = await gzipBytesOf(code, peers);
  const ownBytes = await gzipBytesOf(code, [...peers, ...Object.keys(manifest.dependencies)]);
  rows.push({ name, wholeBytes, ownBytes });
};
for (const path of Object.keys(manifest.exports)) {
  if (path === './package.json') continue;
  const specifier = `${manifest.name}${path.slice(1)}`;
  await weigh(specifier, `export * from '${specifier}';`);
}
await weigh('statesocket: a backoff alone', "export { exponentialBackoff } from 'statesocket';");
await weigh('statesocket/redux: the slice alone', "export { connectionSlice } from 'statesocket/redux';");
const xstateBytes = await gzipBytesOf("export * from 'xstate';");
rows.push({ name: 'xstate by itself, all of it', wholeBytes: xstateBytes, ownBytes: xstateBytes });

if (args.json) {
  console.log(JSON.stringify(rows));
} else {
  console.log('| entry | kB with its dependencies | kB of our own code |\n|---|---|---|');
  for (const { name, wholeBytes, ownBytes } of rows) {
    console.log(`| ${name} | ${(wholeBytes / 1_000).toFixed(1)} | ${(ownBytes / 1_000).toFixed(1)} |`);
  }
}
