import { StatesocketError } from '../protocol/errors.ts';

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);

/**
 * Throws `bad-option` where a listener is none, at the call that gave it: else it would fail with each message, far from
 * its cause.
 *
 * @param usage how the call is written.
 */
export const needFunction = (usage: string, listener: unknown): void => {
  if (typeof listener === 'function') return;
  const what = `${usage} needs a function as its listener; it got ${kindOf(listener)}.`;
  throw new StatesocketError('bad-option', what);
};

/** The same for a listener to one type of message. */
export const needTypeAndFunction = (call: string, type: unknown, listener: unknown): void => {
  const usage = `${call}('SOME_TYPE', (message) => …)`;
  if (typeof type === 'string') {
    needFunction(usage, listener);
    return;
  }
  const what = `${usage} needs the type of the messages first, as a string; it got ${kindOf(type)}.`;
  throw new StatesocketError('bad-option', what);
};
