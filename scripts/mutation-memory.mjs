/**
 * What `npm run mutation` may take over from its last run of a folder. StrykerJS would take over everything. A mutant that was not in the
 * sample is a compile error to it, and would never be tried again. One that timed out may have met a busy machine. One that is made
 * while its module loads counts as alive for good, since it does not see that there are new tests for it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const LASTING = new Set(['Killed', 'Survived', 'NoCoverage']);

const isLasting = ({ status, static: isStatic }) =>
  LASTING.has(status) && !(status === 'Survived' && isStatic);

/**
 * @param {{ files: Record<string, { mutants: { status: string, static?: boolean }[] }> }} report As StrykerJS writes it.
 * @returns The same without the verdicts that say nothing of the next run.
 */
export const lastingVerdicts = (report) => ({
  ...report,
  files: Object.fromEntries(
    Object.entries(report.files).map(([name, file]) => [
      name,
      { ...file, mutants: file.mutants.filter(isLasting) },
    ]),
  ),
});

/** Leaves the lasting verdicts in the file of the last run, where there is one. */
export const keepLastingVerdicts = (file) => {
  if (!existsSync(file)) return;
  writeFileSync(file, JSON.stringify(lastingVerdicts(JSON.parse(readFileSync(file, 'utf8')))));
};
