/** The names of an object of options, with anything beside each. A record, so that the compiler asks for each. */
export type Names<Options> = Readonly<Record<keyof Options, unknown>>;

/** An option's name in an error message is cut to this length. */
const SHOWN_NAME_LENGTH = 64;

/** A getter that throws makes something, whatever that is. */
const isUndefined = (given: object, name: string): boolean => {
  try {
    return (given as Record<string, unknown>)[name] === undefined;
  } catch {
    return false;
  }
};

/**
 * The names in an object of options that nobody reads, in their order, each cut to a length that can be shown. A name whose value is
 * undefined says nothing, and is left alone. What is no object has no names.
 *
 * @example
 * findUnknownNames({ retries: 3 }, { maxRetries: true }); // ['retries']
 */
export const findUnknownNames = <Options>(given: unknown, known: Names<Options>): readonly string[] =>
  typeof given !== 'object' || given === null
    ? []
    : Object.keys(given)
        .filter((name) => !Object.hasOwn(known, name) && !isUndefined(given, name))
        .map((name) => name.slice(0, SHOWN_NAME_LENGTH));
