import { closestName } from '../lib/closest-name.ts';
import { StatesocketError } from '../protocol/errors.ts';

/** The names of an object of options. A record, so that the compiler asks for each. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

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
 * What is to be reported of names that nobody reads, one error each. A name whose value is undefined says nothing, and
 * is left alone.
 *
 * @param where the call, and the option inside it, if any.
 */
export const unknownNames = <Options>(
  where: string,
  given: unknown,
  known: Names<Options>,
): readonly StatesocketError[] => {
  if (typeof given !== 'object' || given === null) return [];
  const names = Object.keys(known);
  return Object.keys(given).flatMap((name) => {
    if (Object.hasOwn(known, name) || isUndefined(given, name)) return [];
    const meant = closestName(name, names);
    const cure = meant === null ? `It knows ${names.join(', ')}.` : `Did you mean ${meant}?`;
    const what = `${where} knows no option ${name.slice(0, SHOWN_NAME_LENGTH)}, so that one does nothing. ${cure}`;
    return [new StatesocketError('unknown-option', what)];
  });
};
