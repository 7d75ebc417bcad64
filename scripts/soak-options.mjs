import { parseArgs } from 'node:util';

/** The figure that the documents ask for. */
const RUNS = 100_000;

const wholeNumber = (name, text) => {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new Error(`--${name} must be a whole number; it is ${text}.`);
  }
  return number;
};

/**
 * Reads the options of `npm run soak:commands`: how many runs, from which seed, and the path of a breach to see again.
 *
 * @param {readonly string[]} args What stands behind the name of the script.
 * @param {() => number} drawSeed Asked where no seed is given.
 * @returns {{ runs: number, seed: number, path: string | undefined }}
 * @throws {Error} for an option that is not known, and for one that is no number.
 */
export const soakOptions = (args, drawSeed) => {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  });
  const { runs, seed, path } = values;
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) {
    throw new Error(
      `--path must be numbers with colons between them, as a breach reports it; it is ${path}.`,
    );
  }
  if (path !== undefined && seed === undefined)
    throw new Error('--path needs the --seed that it was found with.');
  const runCount = runs === undefined ? RUNS : wholeNumber('runs', runs);
  if (runCount < 1) throw new Error(`--runs must be 1 or more; it is ${runCount}.`);
  return { runs: runCount, seed: seed === undefined ? drawSeed() : wholeNumber('seed', seed), path };
};
