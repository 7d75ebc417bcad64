import { StatesocketError } from '../protocol/errors.ts';

/**
 * Throws `bad-option` where an adapter was given no connection: an import that does not exist, a circular import, or one
 * that is made later.
 *
 * @param what the hook, component or function that was called.
 */
export const needConnection = (what: string, connection: unknown): void => {
  const given = connection as { getSnapshot?: unknown } | null | undefined;
  if (typeof given?.getSnapshot === 'function') return;
  const kind = connection === null ? 'null' : typeof connection;
  throw new StatesocketError(
    'bad-option',
    `${what} needs a connection; it got ${kind}. Pass what createConnection returns, made outside of components; check the import.`,
  );
};
