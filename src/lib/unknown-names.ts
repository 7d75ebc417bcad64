import { closestName } from './closest-name.ts';

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

/** A name that nobody reads, cut to a length that can be shown, and a sentence that says what to write instead. */
export interface UnknownName {
  readonly name: string;
  readonly cure: string;
}

/**
 * The names in an object of options that nobody reads, in their order. A name whose value is undefined says nothing, and is
 * left alone. What is no object has no names.
 *
 * @example
 * findUnknownNames({ retries: 3 }, { maxRetries: true }); // [{ name: 'retries', cure: 'Did you mean maxRetries?' }]
 */
export const findUnknownNames = <Options>(given: unknown, known: Names<Options>): readonly UnknownName[] => {
  if (typeof given !== 'object' || given === null) return [];
  const names = Object.keys(known);
  return Object.keys(given).flatMap((name) => {
    if (Object.hasOwn(known, name) || isUndefined(given, name)) return [];
    const meant = closestName(name, names);
    const cure = meant === null ? `It knows ${names.join(', ')}.` : `Did you mean ${meant}?`;
    return [{ name: name.slice(0, SHOWN_NAME_LENGTH), cure }];
  });
};
