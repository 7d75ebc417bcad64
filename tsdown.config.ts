import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { leanCharts } from './scripts/lean-charts.mjs';
import { leanSetup } from './scripts/lean-setup.mjs';
import { markPure } from './scripts/mark-pure.mjs';

/** Its first line, in a file that holds a component or a hook: React Server Components leave such files to the browser. */
const isForClients = (file: string): boolean =>
  /(?<!\.d)\.tsx?$/.test(file) && readFileSync(file, 'utf8').startsWith("'use client'");

/** One entry per subpath of package.json's `exports`; tests/house/exports.test.ts compares the two. */
export default defineConfig({
  plugins: [leanCharts, markPure, leanSetup],
  entry: {
    index: 'src/index.ts',
    machines: 'machines/index.ts',
    protocol: 'src/protocol/index.ts',
    delivery: 'src/delivery/index.ts',
    react: 'src/react/index.ts',
    redux: 'src/redux/index.ts',
    toast: 'src/toast/index.ts',
    sentry: 'src/sentry/index.ts',
    inspect: 'src/inspect/index.ts',
    stately: 'src/stately/index.ts',
    testing: 'src/testing/index.ts',
    gateway: 'src/gateway/index.ts',
    'gateway/contract': 'src/gateway/contract/index.ts',
    'gateway/postgres': 'src/gateway/postgres/index.ts',
    'gateway/redis': 'src/gateway/redis/index.ts',
    'gateway/metrics': 'src/gateway/metrics/index.ts',
    'gateway/tracing': 'src/gateway/tracing/index.ts',
    // What a page in production takes instead, by conditions of `exports`.
    'index.browser': 'src/index.browser.ts',
    // What Node takes instead.
    'redux.node': 'src/redux/node.ts',
    // Parts of the above that are files of their own, for their first line: 'use client'.
    'client/use-redux-bridge': 'src/redux/use-redux-bridge.ts',
    'client/connection-inspector': 'src/inspect/connection-inspector.tsx',
  },
  format: 'esm',
  target: 'es2022',
  // Browser and Node alike; only the gateway imports Node's modules, and they are nobody's to bundle.
  platform: 'neutral',
  deps: { neverBundle: [/^node:/], onlyBundle: [] },
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  outputOptions: {
    // Rolldown keeps the line in the file of an entry, and drops it where it moves what was in there to a file of its own.
    banner: ({ isEntry, moduleIds }) => (!isEntry && moduleIds.some(isForClients) ? "'use client';" : ''),
  },
  clean: true,
});
