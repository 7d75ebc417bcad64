import { parseArgs } from 'node:util';
import { wholeNumber } from './whole-number.mjs';

/** The figure that the documents ask for. */
const SEEDS = 200_000;
/** What one process plays, before the next one begins with an empty heap. */
const CHUNK_COUNT = 500;
/** What may stand behind the gateways: a store that takes each call as it comes, an engine of a kind, or one drawn by the seed. */
const ENGINES = ['none', 'sqlite', 'postgres', 'redis', 'each'];

/**
 * Reads the options of `npm run soak:delivery`.
 *
 * @param {readonly string[]} args What stands behind the name of the script.
 * @param {number} coreCount How many processes play at once unless told.
 * @returns {{ seeds: number, from: number, workers: number, minutes: number, engine: string }} After `minutes` no process begins any more.
 * @throws {Error} for an option that is not known, and for one that is no such number.
 */
export const soakDeliveryOptions = (args, coreCount) => {
  const option = { type: 'string' };
  const options = { seeds: option, from: option, workers: option, minutes: option, engine: option };
  const { values } = parseArgs({ args: [...args], options });
  const { engine = 'none' } = values;
  if (!ENGINES.includes(engine))
    throw new Error(`--engine must be one of ${ENGINES.join(', ')}, not ${JSON.stringify(engine)}.`);
  return {
    seeds: wholeNumber('seeds', values.seeds ?? String(SEEDS), 1),
    from: wholeNumber('from', values.from ?? '0', 0),
    workers: wholeNumber('workers', values.workers ?? String(coreCount), 1),
    minutes: wholeNumber('minutes', values.minutes ?? '1440', 1),
    engine,
  };
};

/**
 * Which seeds each process plays, the last one not included.
 *
 * @param {{ seeds: number, from: number }} options
 * @returns {{ from: number, to: number }[]}
 */
export const soakChunks = ({ seeds, from }) =>
  Array.from({ length: Math.ceil(seeds / CHUNK_COUNT) }, (_, index) => ({
    from: from + index * CHUNK_COUNT,
    to: Math.min(from + (index + 1) * CHUNK_COUNT, from + seeds),
  }));

/**
 * Adds what one process counted to what all of them did: counts are added, the longest is kept.
 *
 * @param {Record<string, any>} total
 * @param {Record<string, any>} tally
 * @returns {Record<string, any>}
 */
export const addTally = (total, tally) => {
  const sum = { ...total };
  for (const [name, value] of Object.entries(tally)) {
    // JSON has no Infinity: a run that never came to rest.
    if (value === null) sum[name] = Number.POSITIVE_INFINITY;
    else if (Array.isArray(value)) sum[name] = [...(sum[name] ?? []), ...value];
    else if (typeof value === 'object') sum[name] = addTally(sum[name] ?? {}, value);
    else sum[name] = name.startsWith('longest') ? Math.max(sum[name] ?? 0, value) : (sum[name] ?? 0) + value;
  }
  return sum;
};
