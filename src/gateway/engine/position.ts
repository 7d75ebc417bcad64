import { randomBytes } from 'node:crypto';

/** 48 random bits as text. */
export const randomSuffix = (): string => randomBytes(6).toString('hex');

/**
 * Makes the id of the entry with this number (from 1): the number, so that the engine finds it, and a random suffix,
 * so that a log that was rolled back and grew again never gives one id to two messages.
 */
export const makePosition = (number: number, suffix: string): string => `${number}-${suffix}`;

/** The entry number inside a position; 0 for the empty position and for anything that is no position. */
export const numberOf = (position: string): number => Number(/^(\d{1,15})-/.exec(position)?.[1] ?? 0);
