import { randomBytes } from 'node:crypto';

const SUFFIX_BYTES = 6;
/** Random bytes in store: asking for them costs more than taking them. */
let bytes = Buffer.alloc(0);

/** 48 random bits as text. */
export const randomSuffix = (): string => {
  if (bytes.length === 0) bytes = randomBytes(512 * SUFFIX_BYTES);
  const suffix = bytes.toString('hex', 0, SUFFIX_BYTES);
  bytes = bytes.subarray(SUFFIX_BYTES);
  return suffix;
};

/**
 * Makes the id of the entry with this number (from 1): the number, so that the engine finds it, and a random suffix,
 * so that a log that was rolled back and grew again never gives one id to two messages.
 */
export const makePosition = (number: number, suffix: string): string => `${number}-${suffix}`;

/** The entry number inside a position; 0 for the empty position and for anything that is no position. */
export const numberOf = (position: string): number => Number(/^(\d{1,15})-/.exec(position)?.[1] ?? 0);
