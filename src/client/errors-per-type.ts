import type { StatesocketError } from '../protocol/errors.ts';

/** How many message types are told of. A server can make up any number. */
const MAX_TYPES = 100;
/** As many characters of a type tell it from others, and are shown. */
const SHOWN_TYPE_LENGTH = 64;

const perType = new WeakSet<StatesocketError>();

/** Whether an error is one for all messages of its type: it is reported once per connection, however often it comes. */
export const isPerType = (error: StatesocketError): boolean => perType.has(error);

/** Makes one error an error for all of its kind. */
export const asPerType = (error: StatesocketError): StatesocketError => {
  perType.add(error);
  return error;
};

/** One error for all: made the first time, so that the connection tells it once. */
export const createErrorOnce = <Details extends readonly unknown[]>(
  make: (...details: Details) => StatesocketError,
): ((...details: Details) => StatesocketError) => {
  let error: StatesocketError | null = null;
  return (...details) => {
    error ??= asPerType(make(...details));
    return error;
  };
};

/**
 * One error for each message type: the same object each time, so that a flood of messages is one report. From 100 types
 * on it is one error for all others, so that a flood of types is none either (I15).
 *
 * @param make the error; gets the type, cut, and the cause of the first.
 */
export const createErrorsPerType = (
  make: (type: string, cause?: unknown) => StatesocketError,
): ((type: string, cause?: unknown) => StatesocketError) => {
  const byType = new Map<string, StatesocketError>();
  return (type, cause) => {
    const shown = type.slice(0, SHOWN_TYPE_LENGTH);
    const key = byType.has(shown) || byType.size < MAX_TYPES ? shown : '';
    const known = byType.get(key);
    if (known !== undefined) return known;
    const more = `and others: ${MAX_TYPES} types were told of, no more are`;
    const error = asPerType(make(key === shown ? shown : `${shown} ${more}`, cause));
    byType.set(key, error);
    return error;
  };
};
