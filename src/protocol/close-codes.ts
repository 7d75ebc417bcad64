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
