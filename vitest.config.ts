import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { sourceAlias } from './scripts/source-alias.mjs';
import { ALONE_FILES } from './tests/alone-files.ts';
import { OrderSequencer } from './tests/order.sequencer.ts';

/** Tests that measure CPU mean nothing where each line is counted. */
const unmeasured = process.argv.includes('--coverage') ? ['**/*-cost.test.ts'] : [];

export default defineConfig({
  plugins: [react()],
  // The tests read the sources under the names our users import. tests/e2e runs against the built package and app.
  resolve: { alias: sourceAlias },
  test: {
    // As many that compute as there are cores, and as many beside them that wait for sockets, processes and browsers.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: OrderSequencer },
    // A timeout is to catch what hangs, not what is slow on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: ['tests/support/patience.ts'],
    reporters: ['default', './tests/closing-line.reporter.ts'],
    // `npm run coverage`. What runs in another process, thread or browser is not counted: docs/testing.md.
    coverage: {
      provider: 'v8',
      include: ['machines/**/*.ts', 'src/**/*.{ts,tsx}', 'app/server/**/*.ts'],
      exclude: ['**/*.config.ts'],
      reportsDirectory: 'reports/coverage',
      reportOnFailure: true,
      reporter: ['text', 'html', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/e2e/**', 'tests/stores/**', 'tests/**/*.dom.test.*', ...ALONE_FILES],
          environment: 'node',
          // A worker loads vitest and our sources once for all files that it runs: half a second of CPU for each file less.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: [...ALONE_FILES],
          exclude: unmeasured,
          environment: 'node',
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: ['tests/**/*.dom.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['tests/support/dom-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'stores',
          include: ['tests/stores/**/*.test.ts'],
          environment: 'node',
          globalSetup: 'tests/stores/support/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          environment: 'node',
        },
      },
    ],
  },
});
