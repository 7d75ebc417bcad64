/**
 * Which mutants `npm run mutation -- --sample` tries: a share of those that some test executes. Chosen by the text of each mutant and a seed,
 * so the same mutants are tried again until the source changes. For StrykerJS it is a checker that refuses all others.
 */

/** FNV-1a, 32 bits. */
const hashOf = (text) => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // The lowest bits of FNV-1a depend on the last characters too much.
  return (hash ^ (hash >>> 15)) >>> 0;
};

/**
 * @param {{ fileName: string, location: object, mutatorName: string, replacement: string }} mutant
 * @param {{ percent: number, seed: number }} sample
 * @returns {boolean}
 */
export const isInSample = ({ fileName, location, mutatorName, replacement }, { percent, seed }) => {
  const file = fileName
    .replaceAll('\\', '/')
    .split(/\.stryker-tmp\/[^/]+\//)
    .pop();
  return hashOf([seed, file, JSON.stringify(location), mutatorName, replacement].join('\n')) % 100 < percent;
};

class SampleChecker {
  async init() {}

  group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const sample = JSON.parse(process.env.MUTATION_SAMPLE);
    return Object.fromEntries(
      mutants.map((mutant) => [
        mutant.id,
        isInSample(mutant, sample)
          ? { status: 'passed' }
          : { status: 'compileError', reason: 'not in the sample' },
      ]),
    );
  }
}

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', injectableClass: SampleChecker }];
