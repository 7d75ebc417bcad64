/** An outage in Chromium, Firefox and WebKit. See README.md. `--outage MS`, `--only ENGINE`, `--json`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { buildForNode } from '../../scripts/build-for-node.mjs';
import { sourceAlias } from '../../scripts/source-alias.mjs';
import { wholeNumber } from '../../scripts/whole-number.mjs';

const { values } = parseArgs({
  options: {
    outage: { type: 'string', default: '120000' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const ENGINES = ['chromium', 'firefox', 'webkit'];
const engines = values.only === undefined ? ENGINES : ENGINES.filter((name) => name === values.only);
if (engines.length === 0) throw new Error(`--only is one of ${ENGINES.join(', ')}.`);

const outageMs = wholeNumber('outage', values.outage, 1_000);

const webDir = await mkdtemp(join(tmpdir(), 'statesocket-browsers-'));
const { directory, remove } = await buildForNode({ browsers: 'benchmarks/browsers/main.ts' });
try {
  await build({
    root: 'benchmarks/browsers/page',
    configFile: false,
    logLevel: 'error',
    resolve: { alias: sourceAlias },
    build: { outDir: webDir, emptyOutDir: true },
  });
  const { measure } = await import(pathToFileURL(join(directory, 'browsers.js')).href);
  const rows = (
    await Promise.all(engines.map((name, index) => measure(name, webDir, outageMs, 11 + 10 * index)))
  ).flat();
  if (values.json) console.log(JSON.stringify(rows));
  else {
    console.log('| engine | connection | sockets | cut by the deadline | open after its server is back |');
    console.log('|---|---|---|---|---|');
    for (const { engine, words, dialCount, cutCount, openAfterMs } of rows) {
      const back = openAfterMs === null ? 'not in 90 s' : `${(openAfterMs / 1_000).toFixed(1)} s`;
      console.log(`| ${engine} | ${words} | ${dialCount} | ${cutCount} | ${back} |`);
    }
  }
} finally {
  await remove();
  await rm(webDir, { recursive: true, force: true });
}
