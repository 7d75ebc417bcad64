import { defineConfig } from 'tsdown';
import { markPure } from './scripts/mark-pure.mjs';

/** One entry per subpath of package.json's `exports`; tests/house/exports.test.ts compares the two. */
export default defineConfig({
  plugins: [markPure],
  entry: {
    index: 'src/index.ts',
    machines: 'machines/index.ts',
    protocol: 'src/protocol/index.ts',
    react: 'src/react/index.ts',
    redux: 'src/redux/index.ts',
    toast: 'src/toast/index.ts',
    sentry: 'src/sentry/index.ts',
    inspect: 'src/inspect/index.ts',
    stately: 'src/stately/index.ts',
    testing: 'src/testing/index.ts',
    gateway: 'src/gateway/index.ts',
  },
  format: 'esm',
  target: 'es2022',
  // Browser and Node alike; only the gateway imports Node's modules, and they are nobody's to bundle.
  platform: 'neutral',
  deps: { neverBundle: [/^node:/], onlyBundle: [] },
  fixedExtension: false,
  dts: true,
  sourcemap: true,
  clean: true,
});
