/**
 * The close codes that client and gateway agree on.
 * Source: RFC 6455 section 7.4 for 1000-1015; 4000-4999 are private to an application.
 */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  Normal: 1000,
  /** The server shuts down, or the page goes away. */
  GoingAway: 1001,
  /** Never sent: what a close frame without a code is reported as. */
  NoStatus: 1005,
  /** Never sent: what a browser reports when no close frame came, a refused handshake included. */
  Abnormal: 1006,
  /** The peer sent something it may not send. */
  PolicyViolation: 1008,
  /** A frame exceeded the payload cap. */
  TooBig: 1009,
  /** The server restarts. */
  Restart: 1012,
  /** The server cannot serve now. */
  TryAgainLater: 1013,
  /** The frame breaks the protocol. */
  BadProtocol: 4400,
  /** The token is missing, wrong, expired or revoked. */
  Unauthenticated: 4401,
  /** The Origin or the user is not allowed here. */
  Forbidden: 4403,
  /** The peer reads too slowly: more waits for it than the gateway will hold. */
  SlowConsumer: 4408,
  /** The app closed this connection in favour of another one. */
  Displaced: 4409,
  /** Too many commands, or too many sockets of one user. */
  TooMany: 4429,
} as const;

/** What a client does about a close, before it is known whether the socket was stable. */
export interface CloseDisposition {
  /**
   * - `redial`: at once where the close was clean and the socket stable, else backoff.
   * - `backoff`: wait as the policy says.
   * - `refresh`: dial at once with a fresh token; refused again, give up.
   * - `reject`: give up.
   */
  readonly then: 'redial' | 'backoff' | 'refresh' | 'reject';
  /** The server's advice: wait at least this long, in ms. 0: none. */
  readonly minDelayMs: number;
  /** Many clients get this close at the same moment: they spread over the policy's `spreadMs`. */
  readonly spreads: boolean;
  /** For people: what has happened. */
  readonly words: string;
}

const row = (
  then: CloseDisposition['then'],
  words: string,
  { minDelayMs = 0, spreads = false }: Partial<CloseDisposition> = {},
): CloseDisposition => ({ then, minDelayMs, spreads, words });

const CLOSE_TABLE: ReadonlyMap<number, CloseDisposition> = new Map([
  [CloseCode.Normal, row('redial', 'The connection was closed.')],
  [CloseCode.GoingAway, row('redial', 'The server is shutting down.', { spreads: true })],
  [CloseCode.NoStatus, row('redial', 'The connection was closed.')],
  [CloseCode.Abnormal, row('backoff', 'The connection was lost.')],
  [CloseCode.PolicyViolation, row('refresh', 'The server did not accept this session.')],
  [CloseCode.TooBig, row('backoff', 'A message was too big.')],
  [CloseCode.Restart, row('redial', 'The server is restarting.', { spreads: true })],
  [CloseCode.TryAgainLater, row('backoff', 'The server is busy.', { minDelayMs: 10_000 })],
  [CloseCode.BadProtocol, row('reject', 'This app and the server do not understand each other.')],
  [CloseCode.Unauthenticated, row('refresh', 'The session has expired.')],
  [CloseCode.Forbidden, row('reject', 'This is not allowed.')],
  [CloseCode.SlowConsumer, row('backoff', 'This device was too slow to keep up.')],
  [CloseCode.Displaced, row('reject', 'The connection was taken over elsewhere.')],
  [CloseCode.TooMany, row('backoff', 'Too many requests.', { minDelayMs: 30_000 })],
]);

const UNKNOWN = row('backoff', 'The connection was closed for an unknown reason.');

/**
 * What a close code means: one row of the close table. A code that the table does not know means backoff.
 *
 * @example
 * closeDispositionOf(4403).then; // 'reject'
 * closeDispositionOf(1013).minDelayMs; // 10_000
 */
export const closeDispositionOf = (code: number): CloseDisposition => CLOSE_TABLE.get(code) ?? UNKNOWN;

/** Whether the close table has a row for this code. */
export const isKnownCloseCode = (code: number): boolean => CLOSE_TABLE.has(code);
