import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { sourceAlias } from './scripts/source-alias.mjs';

/** Tests that measure CPU mean nothing where each line is counted. */
const unmeasured = process.argv.includes('--coverage') ? ['**/*-cost.test.ts'] : [];

export default defineConfig({
  plugins: [react()],
  // The tests read the sources under the names our users import. tests/e2e runs against the built package and app.
  resolve: { alias: sourceAlias },
  test: {
    // Vitest leaves one core to itself, half of a small machine; many tests wait for sockets and processes.
    maxWorkers: Math.max(2, availableParallelism()),
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
          exclude: ['tests/e2e/**', 'tests/stores/**', 'tests/**/*.dom.test.*', ...unmeasured],
          environment: 'node',
          // A timeout is to catch what hangs, not what is slow on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: ['tests/**/*.dom.test.{ts,tsx}'],
          environment: 'jsdom',
          testTimeout: 30_000,
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
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
