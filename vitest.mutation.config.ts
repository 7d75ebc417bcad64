import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { sourceAlias } from './scripts/source-alias.mjs';
import { ALONE_FILES } from './tests/alone-files.ts';
import { BriefFirstSequencer } from './tests/brief-first.sequencer.ts';

/** The folders of the tests that have to notice mutants, as scripts/mutation.mjs names them. */
const folders = (process.env.MUTATION_TESTS ?? '').split(',').filter((folder) => folder !== '');
const isDom = '**/*.dom.test.{ts,tsx}';

/**
 * Tests whose slip would have to be in another process or thread, or that wait for real time again and again, or that need a process
 * of their own: mutants run in threads.
 */
const outside = [
  // What measures time means nothing where each line is counted.
  '**/*-cost.test.ts',
  // Mutants of mutants.
  '**/*.mutants.test.ts',
  'tests/app/server/data-folder.test.ts',
  'tests/app/server/operations.test.ts',
  'tests/app/server/process.test.ts',
  'tests/app/server/proxy.test.ts',
  'tests/gateway/app-callbacks.test.ts',
  'tests/gateway/sqlite-file.test.ts',
  'tests/gateway/sqlite-engine.test.ts',
  'tests/gateway/sqlite-thread.test.ts',
  'tests/testing/node-test.test.ts',
];

/** A slip that keeps a test waiting for ever is noticed by that test, long before the whole run counts as one that hangs. */
const PATIENCE_MS = 60_000;

/** For `npm run mutation` alone: as vitest.config.ts, with the tests of one folder of sources. */
export default defineConfig({
  plugins: [react()],
  resolve: { alias: sourceAlias },
  test: {
    sequence: { sequencer: BriefFirstSequencer },
    hookTimeout: PATIENCE_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: [isDom, ...outside, ...ALONE_FILES],
          environment: 'node',
          testTimeout: PATIENCE_MS,
          // One worker per mutant, not one per test file: most of the time went into loading the same sources.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE_FILES.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`))),
          exclude: [...outside],
          environment: 'node',
          testTimeout: PATIENCE_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          include: folders.map((folder) => `${folder}/${isDom}`),
          environment: 'jsdom',
          testTimeout: PATIENCE_MS,
          setupFiles: ['tests/support/dom-setup.ts'],
        },
      },
    ],
  },
});
