import { isError } from '../lib/realms.ts';
import { StatesocketError } from '../protocol/errors.ts';

/** The frames of a stack without its first lines, which repeat the message; null where they cannot be told apart. */
const framesOf = (error: Error): string | null => {
  const head = `${error.name}: ${error.message}\n`;
  return error.stack?.startsWith(head) ? error.stack.slice(head.length) : null;
};

/**
 * The error as it may leave the page: its own message, which never holds the token, the URL or a payload, and no
 * `cause`, which may. Where the app's own function threw, the stack is that of the throw, without its message.
 *
 * @param ordinal makes the message unique: Sentry drops an event that equals the one before.
 */
export const redactedError = (error: StatesocketError, ordinal: number): StatesocketError => {
  const redacted = new StatesocketError(error.code, `${error.message} [${error.code} #${ordinal}]`);
  const frames = (isError(error.cause) ? framesOf(error.cause) : null) ?? framesOf(error);
  if (frames !== null) redacted.stack = `${redacted.name}: ${redacted.message}\n${frames}`;
  return redacted;
};
