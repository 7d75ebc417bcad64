import { type Backoff, exponentialBackoff } from '../src/lib/backoff.ts';
import type { ClassifyClose } from './close-verdict.ts';

/** What an app can tune of the chart. `createConnection` takes the same names. */
export interface ConnectionSettings {
  /** Scheduled retries before `failed` (exhausted); Infinity: it never gives up. @default 20 */
  readonly maxRetries: number;
  /** One deadline over token, URL and handshake, in ms. @default 10_000 */
  readonly connectTimeoutMs: number;
  /** How long a socket must stay open until the retry count is set to 0, in ms; 0: at once on open. @default 5_000 */
  readonly stableAfterMs: number;
  /** How long a probe has that was sent because of silence, in ms. @default 5_000 */
  readonly probeTimeoutMs: number;
  /** How long to wait before retry n. Must not throw. @default exponentialBackoff() */
  readonly backoff: Backoff;
  /** The app's word on a close. Must not throw. @default none: the close table */
  readonly classifyClose: ClassifyClose;
  /** Randomness in [0, 1) for the jitter. Must not throw. @default Math.random */
  readonly random: () => number;
}

/** The settings that are numbers: what a recording holds of them. */
export const NUMBER_SETTINGS = [
  'maxRetries',
  'connectTimeoutMs',
  'stableAfterMs',
  'probeTimeoutMs',
] as const satisfies readonly (keyof ConnectionSettings)[];

/** RednGift's documents stop after 20 retries. Its 190 s at the end of the linear schedule fit a long outage. */
export const DEFAULT_MAX_RETRIES = 20;

/** A mobile network needs up to some seconds for DNS, TCP, TLS and upgrade; twice that is beyond hope. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** A server that crashes on load accepts first and dies within seconds; only what outlives that counts as recovered. */
export const DEFAULT_STABLE_AFTER_MS = 5_000;

/** How long a watched server may be silent. With slack and probe a half-open peer is found in 20 s, below common proxies' 30 s. */
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 14_000;

/**
 * The longest heartbeat that is learnt of a server that does not say how often it beats. Proxies cut a quiet socket after 60 s, a
 * few after minutes: who beats less often does not beat to keep a socket open. A longer pause between two beats was sleep.
 */
export const MAX_LEARNT_HEARTBEAT_MS = 300_000;

/** Beats that come closer together have waited for one another, and tell nothing of their interval. */
export const MIN_BEAT_GAP_MS = 1_000;

/** How long a probe has: several round trips of a bad mobile network. */
export const DEFAULT_PROBE_TIMEOUT_MS = 5_000;

/** How long a probe has when a person is looking: the page was shown, or the network changed. */
export const SIGNAL_PROBE_TIMEOUT_MS = 3_000;

/** Sockets that may be dialled within {@link CONNECT_BUDGET_WINDOW_MS}, whatever events and wishes arrive (I8). */
export const CONNECT_BUDGET_COUNT = 10;

/** See {@link CONNECT_BUDGET_COUNT}. An attempt may dial as late as its deadline, which the refund therefore adds. */
export const CONNECT_BUDGET_WINDOW_MS = 60_000;

/** The longest that any browser holds a handshake back. Source: Firefox 153, WebSocketChannel.cpp, kWSReconnectMaxDelay. */
export const LONGEST_HELD_MS = 60_000;

/** How often a platform that calls itself offline is tried all the same: the hint is wrong behind some VPNs. */
export const OFFLINE_PROBE_MS = 30_000;

/** How long a suspended page waits for its resume, in ms of running timers: some platforms never tell of it. */
export const SUSPENDED_LIMIT_MS = 30_000;

/** Closes before open after which the token is in doubt: a browser shows HTTP 401 only as 1006. */
export const DOUBT_COUNT = 2;

/** What a close before open counts while the platform calls itself offline: it may be a tunnel, and "offline" may be wrong. */
export const OFFLINE_DOUBT = 0.5;

/** Sockets in a row that never replied to a probe, after which the next one is not dialled at once. One may have died. */
export const MUTE_COUNT = 2;

/** The settings of a chart that was given none. */
export const DEFAULT_SETTINGS: ConnectionSettings = {
  maxRetries: DEFAULT_MAX_RETRIES,
  connectTimeoutMs: DEFAULT_CONNECT_TIMEOUT_MS,
  stableAfterMs: DEFAULT_STABLE_AFTER_MS,
  probeTimeoutMs: DEFAULT_PROBE_TIMEOUT_MS,
  backoff: exponentialBackoff(),
  classifyClose: () => undefined,
  random: () => Math.random(),
};
