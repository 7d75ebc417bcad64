/**
 * What a connection in backoff waits for. Every state of `backoff` carries exactly one of them as a tag.
 * - `retry`: the delay of the backoff policy.
 * - `advised`: the server, or `classifyClose`, asked for time. Only a person shortens it.
 * - `spread`: many clients lost this server at the same moment, and come back one after the other.
 * - `throttled`: as many sockets were dialled in a minute as may be; the next refund dials.
 * - `offline`: the platform calls itself offline. It is tried now and then all the same.
 * - `suspended`: the page is frozen or in the back/forward cache.
 */
export const CONNECTION_WAITS = ['retry', 'advised', 'spread', 'throttled', 'offline', 'suspended'] as const;

/** One of {@link CONNECTION_WAITS}. */
export type ConnectionWait = (typeof CONNECTION_WAITS)[number];

/**
 * Reads what is waited for off any snapshot of the chart, or null: nothing.
 *
 * @example
 * waitOf(connection.actor.getSnapshot()); // 'retry'
 */
export const waitOf = (snapshot: { hasTag(tag: ConnectionWait): boolean }): ConnectionWait | null =>
  CONNECTION_WAITS.find((wait) => snapshot.hasTag(wait)) ?? null;
