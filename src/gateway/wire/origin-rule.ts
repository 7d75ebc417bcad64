import type { IncomingMessage } from 'node:http';
import { StatesocketError } from '../../protocol/errors.ts';

/** The pages that may connect: exact origins, or a function that says true or false. */
export type AllowedOrigins =
  | readonly string[]
  | ((origin: string, request: IncomingMessage) => boolean | Promise<boolean>);

const badOrigin = (message: string) => new StatesocketError('bad-option', message);

const NO_ORIGIN = 'is no origin. Write one such as "https://example.org".';
const NO_LIST = 'allowedOrigins must be a list of origins, such as ["https://example.org"], or a function.';

/** The origin of a page at a host, as a browser sends it: https, and http on this computer. Null: no host. */
const pageOf = (host: string): string | null => {
  const scheme = /^(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?#]|$)/i.test(host) ? 'http' : 'https';
  const page = `${scheme}://${host}`;
  return URL.canParse(page) ? new URL(page).origin : null;
};

/** What is wrong with an entry, and what to write; null when a browser can send it so. */
const faultOf = (entry: unknown): string | null => {
  if (typeof entry !== 'string' || entry === '')
    return 'is no text. Write an origin such as "https://example.org".';
  if (entry === '*')
    return 'is "*", which is no origin. To let every page in, write a function that returns true.';
  if (entry === 'null')
    return 'is "null", which is what every sandboxed page sends. Write a function if you mean that.';
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(entry)) {
    const meant = pageOf(entry.replace(/^\/+/, ''));
    return meant === null ? NO_ORIGIN : `has no scheme. Write "${meant}".`;
  }
  // Of schemes that the URL standard does not know, such as capacitor://localhost, only the form can be looked at.
  const known = URL.canParse(entry) ? new URL(entry) : undefined;
  if (known === undefined) return NO_ORIGIN;
  if (/^wss?:$/.test(known.protocol))
    return `begins with ${known.protocol}//. An Origin is of the page: write "${pageOf(known.host)}".`;
  if (known.host.includes('*'))
    return 'is a pattern, and matches no page. Write each origin, or a function that returns true for them.';
  const origin = known.origin === 'null' ? `${known.protocol}//${known.host}` : known.origin;
  return entry === origin
    ? null
    : `is not what a browser sends: no path, no last slash, lower case. Write "${origin}".`;
};

/** What is wrong with an `allowedOrigins` option, an entry at a time, and what to write. A function is taken as it is. */
export const faultsOfOrigins = (allowed: unknown): readonly string[] => {
  if (typeof allowed === 'function') return [];
  // One text is a list of characters to some, and `includes` finds parts in it.
  if (!Array.isArray(allowed)) return [NO_LIST];
  return [...allowed.entries()].flatMap(([at, entry]) => {
    const fault = faultOf(entry);
    return fault === null ? [] : [`allowedOrigins[${at}] ${fault}`];
  });
};

/**
 * Checks a list of origins, an entry at a time, and makes the function that says whether an origin is on it. Origins are
 * compared as a whole (RFC 6454 section 5): nothing is a prefix or a pattern.
 *
 * @throws {StatesocketError} `bad-option`: which entry no browser would send, and what to write.
 * @example
 * const isListed = originList(['https://example.org']);
 */
export const originList = (origins: readonly string[]): ((origin: string) => boolean) => {
  const [fault] = faultsOfOrigins(origins);
  if (fault !== undefined) throw badOrigin(fault);
  const listed = new Set(origins);
  return (origin) => listed.has(origin);
};

/**
 * Makes the rule of the `allowedOrigins` option. It rejects when the app's function fails, or says neither true nor false:
 * whatever else it says, nobody is let in by it.
 */
export const originRule = (allowed: AllowedOrigins) => {
  if (typeof allowed !== 'function') return originList(allowed);
  return async (origin: string, request: IncomingMessage): Promise<boolean> => {
    const verdict: unknown = await allowed(origin, request);
    if (typeof verdict === 'boolean') return verdict;
    throw new TypeError('neither true nor false');
  };
};
