/**
 * `npm run mutation`: small slips are put into the sources one by one, and the tests have to notice. `-- --folder src/lib` tries one folder
 * or file, `-- --concurrency 2` two at once, `-- --sample 20 --seed 14` a fifth of the mutants. What was tried before and did not change is not tried again. Ends with 1 where the
 * score of a folder is under 85 %. The report of each folder is in reports/mutation. Folders take from minutes to hours.
 */
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import { keepLastingVerdicts } from './mutation-memory.mjs';
import { mutationOptions } from './mutation-options.mjs';

/** The least share of killed mutants among those that a test executes, in per cent. */
const MIN_SCORE = 85;

let options;
try {
  options = mutationOptions(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Tries all mutants of one folder. Resolves to whether enough of them are noticed. */
const tries = async ({ folder, mutate, tests }) => {
  process.env.MUTATION_TESTS = tests.join(',');
  process.env.MUTATION_SAMPLE = JSON.stringify(options.sample);
  const reports = `reports/mutation/${folder.replaceAll('/', '-')}`;
  keepLastingVerdicts(`${reports}/incremental.json`);
  const stryker = new Stryker({
    mutate: [mutate],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts' },
    plugins: [
      import.meta.resolve('@stryker-mutator/vitest-runner'),
      new URL('mutation-sample.mjs', import.meta.url).href,
    ],
    checkers: options.sample === null ? [] : ['sample'],
    coverageAnalysis: 'perTest',
    concurrency: options.concurrency,
    incremental: true,
    incrementalFile: `${reports}/incremental.json`,
    reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
    clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
    htmlReporter: { fileName: `${reports}/index.html` },
    jsonReporter: { fileName: `${reports}/mutation.json` },
    tempDirName: '.stryker-tmp',
    ignorePatterns: ['reports', 'benchmarks', 'docs', 'dist', 'app/dist', 'data', '.ci'],
    // Long: on a busy machine a slow run would count as one that hangs, so as noticed. What waits for ever fails by the patience of
    // its test (vitest.mutation.config.ts), what loops for ever by the count of its loops.
    timeoutMS: 90_000,
    dryRunTimeoutMinutes: 60,
    disableTypeChecks: '{machines,src,app}/**/*.{ts,tsx}',
    allowConsoleColors: false,
    logLevel: 'warn',
  });
  const results = await stryker.runMutationTest();
  // No test ran: that is no proof that it would live (stryker-js issues 6213, and 6150 for what breaks an import).
  const isUnmeasured = ({ status, testsCompleted }) => status === 'Survived' && !testsCompleted;
  const measured = results.filter((result) => !isUnmeasured(result));
  const countOf = (...statuses) => measured.filter(({ status }) => statuses.includes(status)).length;
  const killed = countOf('Killed', 'Timeout');
  const covered = killed + countOf('Survived');
  const score = covered === 0 ? 100 : (100 * killed) / covered;
  const unmeasured = results.length - measured.length;
  console.log(
    `${folder}: ${score.toFixed(1)} % (${killed} of ${covered} noticed), ${countOf('NoCoverage')} more in code that no test executes.`,
  );
  if (options.sample !== null)
    console.log(
      `A sample: ${options.sample.percent} % of those that a test executes, by the seed ${options.sample.seed}.`,
    );
  if (unmeasured > 0) console.log(`${unmeasured} are not counted: no test ran with them. Try these by hand.`);
  return score >= MIN_SCORE;
};

const enough = [];
for (const target of options.targets) enough.push(await tries(target));
process.exit(enough.every(Boolean) ? 0 : 1);
