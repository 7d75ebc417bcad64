import { parseArgs } from 'node:util';
import { wholeNumber } from './whole-number.mjs';

/**
 * Reads the options of `npm run torture`: for how many minutes, and by which seed.
 *
 * @param {readonly string[]} args What stands behind the name of the script.
 * @param {() => number} drawSeed Asked where no seed is given.
 * @returns {{ minutes: number, seed: number }}
 * @throws {Error} for an option that is not known, and for one that is no such number.
 */
export const tortureOptions = (args, drawSeed) => {
  const option = { type: 'string' };
  const { values } = parseArgs({ args: [...args], options: { minutes: option, seed: option } });
  return {
    minutes: wholeNumber('minutes', values.minutes ?? '20', 1),
    seed: values.seed === undefined ? drawSeed() : wholeNumber('seed', values.seed, 0),
  };
};
