/** The six public statuses. Every state of the chart carries exactly one of them as a tag. */
export const CONNECTION_STATUSES = ['idle', 'connecting', 'open', 'backoff', 'loggedOut', 'failed'] as const;

/** One of {@link CONNECTION_STATUSES}. */
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/**
 * Why a connection is `failed`.
 * - `exhausted`: all retries were used up.
 * - `rejected`: the server refused the token (close code 4401).
 * - `misconfigured`: the platform cannot make such a socket: a bad URL, bad protocols, no WebSocket; or the server speaks a
 *   version of the delivery extension that this client does not.
 * - `crashed`: the chart itself stopped on an error; only a new connection helps.
 */
export type ConnectionFailure = 'exhausted' | 'rejected' | 'misconfigured' | 'crashed';

/**
 * Reads the public status off any snapshot of the chart.
 *
 * @example
 * statusOf(connection.actor.getSnapshot()); // 'open'
 */
export const statusOf = (snapshot: { hasTag(tag: ConnectionStatus): boolean }): ConnectionStatus => {
  for (const status of CONNECTION_STATUSES) {
    if (snapshot.hasTag(status)) return status;
  }
  throw new Error('A state of the chart carries no status tag: add one of CONNECTION_STATUSES to its tags.');
};

/** Reads why the chart failed, or null. */
export const failureOf = (snapshot: {
  hasTag(tag: ConnectionFailure): boolean;
}): ConnectionFailure | null => {
  if (snapshot.hasTag('exhausted')) return 'exhausted';
  if (snapshot.hasTag('rejected')) return 'rejected';
  if (snapshot.hasTag('misconfigured')) return 'misconfigured';
  return null;
};
