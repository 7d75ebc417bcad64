import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { sourceAlias } from './scripts/source-alias.mjs';

/** The folders of the tests that have to notice mutants, as scripts/mutation.mjs names them. */
const folders = (process.env.MUTATION_TESTS ?? '').split(',').filter((folder) => folder !== '');
const isDom = '**/*.dom.test.{ts,tsx}';

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
          // What measures time means nothing where each line is counted.
          exclude: [isDom, '**/*-cost.test.ts'],
          environment: 'node',
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: folders.map((folder) => `${folder}/${isDom}`),
          environment: 'jsdom',
          testTimeout: 30_000,
          setupFiles: ['tests/support/dom-setup.ts'],
        },
      },
    ],
  },
});
