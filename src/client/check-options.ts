import { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Diagnostics } from './diagnostics.ts';
import { type CheckedOption, FORMER_OPTIONS, OPTION_RULES } from './option-rules.ts';

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `createConnection: ${what}.`);

/** Throws `bad-option` for what could only go wrong later, far from its cause. */
export const checkOptions = <M extends { type: string }>(
  options: ConnectionOptions<M>,
  { wordsOfOption }: Diagnostics,
): void => {
  if (typeof options !== 'object' || options === null) throw badOption('pass an object with at least a url');
  const given = options as { readonly [Name in CheckedOption]?: unknown };
  const refuse = (name: CheckedOption): never => {
    throw badOption(`${name} ${wordsOfOption(name, given[name])}`);
  };
  for (const name of Object.keys(OPTION_RULES) as (keyof typeof OPTION_RULES)[]) {
    const value = given[name];
    if ((value !== undefined || name === 'url') && !OPTION_RULES[name](value)) refuse(name);
  }
  if (given.codec !== undefined && given.delivery !== undefined) refuse('codec with delivery');
  // A recorder that was turned off is what is now the default.
  for (const name of FORMER_OPTIONS) if (given[name] !== undefined && given[name] !== false) refuse(name);
};
