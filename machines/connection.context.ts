import type { CloseVerdict } from './close-verdict.ts';
import type { ConnectionEnd } from './connection.events.ts';
import { CONNECT_BUDGET_COUNT, type ConnectionSettings, DEFAULT_SETTINGS } from './connection.settings.ts';

/** Why a token is asked for. `refresh`: the last one was refused or is doubted, so a cached one will not do. */
export const TOKEN_REASONS = ['connect', 'refresh'] as const;

/** One of {@link TOKEN_REASONS}. */
export type TokenReason = (typeof TOKEN_REASONS)[number];

/** What the chart remembers. */
export interface ConnectionContext {
  readonly settings: ConnectionSettings;
  /** Whose connection this is; null when nobody wants one. */
  readonly userId: string | null;
  /** Scheduled retries since the connection was last stable. Attempts by a person, a signal or a probe are not counted. */
  readonly retryCount: number;
  /** How long the wait is that was begun last; a new object for each wait. */
  readonly plannedWait: { readonly delayMs: number };
  /** Sockets that may still be dialled, see {@link CONNECT_BUDGET_COUNT}. */
  readonly connectBudget: number;
  /** Whether the platform calls itself online. A hint: an opened socket, and a close that is clean, disprove "offline". */
  readonly online: boolean;
  /** Whether the current attempt got an open socket. What it says of the network outweighs the platform's word. */
  readonly hasOpened: boolean;
  /** What the last close means, judged once. */
  readonly verdict: CloseVerdict;
  /** The server's advice for the next wait, in ms; 0: none. Signals never shorten an advised wait, a person may. */
  readonly minDelayMs: number;
  /** Closes before open since a fresh token was last asked for; one while the platform calls itself offline counts half. */
  readonly doubtCount: number;
  /** The reason the current attempt asked for its token with. Freshness belongs to an attempt, not to the session. */
  readonly tokenReason: TokenReason;
  /** The reason the next attempt will give. */
  readonly nextTokenReason: TokenReason;
  /** Whether a probe can be sent on the current socket. */
  readonly canAsk: boolean;
  /** Whether the current socket has replied to a probe. */
  readonly hasAnswered: boolean;
  /** Sockets in a row that were given up without ever having replied to a probe. No close came between. */
  readonly muteCount: number;
  readonly lastEnd: ConnectionEnd | null;
}

export const initialContext = (settings: Partial<ConnectionSettings> | undefined): ConnectionContext => ({
  settings: { ...DEFAULT_SETTINGS, ...settings },
  userId: null,
  retryCount: 0,
  plannedWait: { delayMs: 0 },
  connectBudget: CONNECT_BUDGET_COUNT,
  online: true,
  hasOpened: false,
  verdict: { then: 'backoff', minDelayMs: 0, spreads: false },
  minDelayMs: 0,
  doubtCount: 0,
  tokenReason: 'connect',
  nextTokenReason: 'connect',
  canAsk: false,
  hasAnswered: false,
  muteCount: 0,
  lastEnd: null,
});

/** What the chart's guards look at, and everybody may know: a recording and an inspector take these and nothing else of it. */
export const CONNECTION_FACTS = [
  'retryCount',
  'connectBudget',
  'online',
  'hasOpened',
  'minDelayMs',
  'doubtCount',
  'tokenReason',
  'nextTokenReason',
  'canAsk',
  'hasAnswered',
  'muteCount',
] as const satisfies readonly (keyof ConnectionContext)[];
