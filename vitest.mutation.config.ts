import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { sourceAlias } from './scripts/source-alias.mjs';

/** The folders of the tests that have to notice mutants, as scripts/mutation.mjs names them. */
const folders = (process.env.MUTATION_TESTS ?? '').split(',').filter((folder) => folder !== '');
const isDom = '**/*.dom.test.{ts,tsx}';

/** Tests whose slip would have to be in another process or thread, or that wait for real time again and again. */
const outside = [
  'tests/gateway/app-callbacks.test.ts',
  'tests/gateway/sqlite-file.test.ts',
  'tests/gateway/sqlite-engine.test.ts',
  'tests/gateway/sqlite-thread.test.ts',
  'tests/testing/node-test.test.ts',
];

/** For `npm run mutation` alone: as vitest.config.ts, with the tests of one folder of sources. */
export default defineConfig({
  plugins: [react()],
  resolve: { alias: sourceAlias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          // What measures time means nothing where each line is counted, and other processes do not have the slip.
          exclude: [isDom, '**/*-cost.test.ts', ...outside],
          environment: 'node',
          testTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: folders.map((folder) => `${folder}/${isDom}`),
          environment: 'jsdom',
          testTimeout: 240_000,
          setupFiles: ['tests/support/dom-setup.ts'],
        },
      },
    ],
  },
});
