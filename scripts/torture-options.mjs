import { parseArgs } from 'node:util';
import { wholeNumber } from './whole-number.mjs';

const STORES = ['sqlite', 'postgres', 'redis'];

/**
 * Reads the options of `npm run torture`: for how many minutes, by which seed, on which store, and over how many nodes.
 *
 * @param {readonly string[]} args What stands behind the name of the script.
 * @param {() => number} drawSeed Asked where no seed is given.
 * @returns {{ minutes: number, seed: number, store: string, nodes: number }}
 * @throws {Error} for an option that is not known, and for one that is no such number.
 */
export const tortureOptions = (args, drawSeed) => {
  const option = { type: 'string' };
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: option, seed: option, store: option, nodes: option },
  });
  const { store = 'sqlite' } = values;
  if (!STORES.includes(store))
    throw new Error(`--store must be one of ${STORES.join(', ')}, not ${JSON.stringify(store)}.`);
  const nodes = wholeNumber('nodes', values.nodes ?? (store === 'sqlite' ? '1' : '3'), 1);
  if (store === 'sqlite' && nodes !== 1)
    throw new Error('--nodes must be 1 with --store=sqlite: a file is for one process.');
  return {
    minutes: wholeNumber('minutes', values.minutes ?? '20', 1),
    seed: values.seed === undefined ? drawSeed() : wholeNumber('seed', values.seed, 0),
    store,
    nodes,
  };
};
