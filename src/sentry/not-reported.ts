import type { ErrorCode } from '../protocol/errors.ts';

/** What a connection reports and Sentry does not get, each with the reason. Every other code is reported. */
export const NOT_REPORTED: { readonly [C in ErrorCode]?: string } = {
  'not-connected':
    'An ordinary refusal while offline. The app tells the person; nothing went wrong on the socket.',
  'token-missing': 'Nobody is signed in. That is a state of the app, and nothing went wrong.',
  disposed: 'A late call on a connection that was ended on purpose, typically in a cleanup.',
  'unknown-type':
    'The server speaks of something newer than this client, or nobody listens: a matter of versions.',
};
