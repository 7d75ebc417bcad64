import { SIGN_UP_RULE } from './limit-rules.ts';
import { createWindowLimit, type WindowLimit } from './window-limit.ts';

/**
 * How many accounts one network address may try to make, and in what time. An office signs up in one afternoon from one
 * address, so it is not few; whoever asks which addresses have an account by trying to sign up gets no further either.
 */
export const createSignUpLimit = (now?: () => number): WindowLimit =>
  createWindowLimit({ ...SIGN_UP_RULE, ...(now === undefined ? {} : { now }) });
