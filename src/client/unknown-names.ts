import { findUnknownNames, type Names } from '../lib/unknown-names.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/**
 * What is to be reported of names that nobody reads, one error each.
 *
 * @param where the call, and the option inside it, if any.
 */
export const unknownNames = <Options>(
  where: string,
  given: unknown,
  known: Names<Options>,
): readonly StatesocketError[] =>
  findUnknownNames(given, known).map((name) =>
    mistake(
      ['unknown-name', name, Object.keys(known)],
      'unknown-option',
      `${where} knows no option ${name}, so that one does nothing.`,
    ),
  );
