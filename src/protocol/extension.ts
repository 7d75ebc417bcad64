import { StatesocketError } from './errors.ts';
import type { WireMessage } from './message.ts';

/** What a WELCOME must say for the delivery extension to be on: the type alone may be a plain server's own. */
export const EXTENSION_NAME = 'statesocket';
/** The one version of the extension that this package speaks. */
export const EXTENSION_VERSION = 1;
/** The position before the first entry of every log, in `last` and in `prev`. Never null. */
export const EMPTY_POSITION = '0';
/** How many durable messages, and how many commands, may be unacknowledged on one socket. */
export const DEFAULT_WINDOW_COUNT = 32;
/** How long each side waits for the other to say whether it speaks the extension, in ms. */
export const NEGOTIATION_MS = 2_000;

/** The server's first frame, alone in it: it speaks the extension. */
export interface Welcome {
  readonly type: 'WELCOME';
  readonly ext: typeof EXTENSION_NAME;
  readonly v: number;
  /** How often a HEARTBEAT comes, in ms. */
  readonly heartbeatMs: number;
  /** How many messages may be unacknowledged, each way. */
  readonly window: number;
}

/** The reply to RESUME. `ok`: the entries after the cursor follow; not ok: those after `last`. */
export interface Resumed {
  readonly type: 'RESUMED';
  readonly ok: boolean;
  /** The log's last position when it was sent. */
  readonly last: string;
}

/** Who is online of those this user may see. Replaces everything known of presence. */
export interface PresenceMessage extends WireMessage {
  readonly type: 'PRESENCE';
  readonly online: readonly string[];
}

/** Cumulative: all commands of `clientId` up to `n` are decided, and those not in `rejected` took effect. */
export interface Receipt {
  readonly type: 'RECEIPT';
  readonly clientId: string;
  readonly n: number;
  readonly rejected: readonly { readonly n: number; readonly code: string }[];
}

/** A sign of life. `last`: everything up to it was sent on this socket, or the log has forked. */
export interface HeartbeatFrame {
  readonly type: 'HEARTBEAT';
  readonly last?: string;
}

/** Asks for the log after a cursor; null: no cursor, always followed by not ok. */
export interface Resume {
  readonly type: 'RESUME';
  readonly after: string | null;
}

/** What names a durable command, beside the command itself. Never changes once it was stored. */
export interface CommandName {
  readonly clientId: string;
  /** Rises within a clientId; gaps are legal, none is used twice. */
  readonly n: number;
  /** The idempotency key, a uuid. */
  readonly key: string;
}

/** In place of a command that grew too old or was discarded: the verdict is `skipped` if there is none yet. */
export interface Skip extends CommandName {
  readonly type: 'SKIP';
}

/** The code of a command whose SKIP was decided first. */
export const SKIPPED = 'skipped';

/** The longest position, clientId, key and rejection code that is taken from the wire. */
const MAX_NAME_LENGTH = 128;

/** Whether a value is a usable position, clientId, key or rejection code. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const wrong = (type: string): StatesocketError =>
  new StatesocketError('malformed-frame', `A frame was dropped: its ${type} is not one of this protocol.`);

/**
 * Whether a message is the WELCOME of the extension, whatever its version. A WELCOME without `ext: 'statesocket'` is a
 * message of a plain server.
 */
export const isWelcome = (message: WireMessage): boolean =>
  message.type === 'WELCOME' && message.ext === EXTENSION_NAME;

/** Reads the WELCOME that {@link isWelcome} found. An unknown version is left to the caller: `v` is any number. */
export const readWelcome = (message: WireMessage): Welcome | StatesocketError => {
  const { v, heartbeatMs, window } = message;
  const isRight = typeof v === 'number' && isCount(heartbeatMs) && heartbeatMs < 2 ** 31 && isCount(window);
  return isRight ? { type: 'WELCOME', ext: EXTENSION_NAME, v, heartbeatMs, window } : wrong('WELCOME');
};

/** Reads a RESUMED, or returns `malformed-frame`. */
export const readResumed = ({ ok, last }: WireMessage): Resumed | StatesocketError =>
  typeof ok === 'boolean' && isName(last) ? { type: 'RESUMED', ok, last } : wrong('RESUMED');

/** Reads a PRESENCE, or returns `malformed-frame`. */
export const readPresence = ({ online }: WireMessage): PresenceMessage | StatesocketError =>
  Array.isArray(online) && online.every((userId) => typeof userId === 'string')
    ? { type: 'PRESENCE', online }
    : wrong('PRESENCE');

const isRejection = (value: unknown): value is Receipt['rejected'][number] => {
  const { n, code } = (value ?? {}) as { n?: unknown; code?: unknown };
  return isCount(n) && isName(code);
};

/** Reads a RECEIPT, or returns `malformed-frame`. */
export const readReceipt = ({ clientId, n, rejected }: WireMessage): Receipt | StatesocketError =>
  isName(clientId) && isCount(n) && Array.isArray(rejected) && rejected.every(isRejection)
    ? { type: 'RECEIPT', clientId, n, rejected }
    : wrong('RECEIPT');

/** The `last` of a HEARTBEAT, where it has a usable one. */
export const lastOfHeartbeat = ({ last }: WireMessage): string | undefined =>
  isName(last) ? last : undefined;

/** Reads a RESUME, or returns `malformed-frame`. */
export const readResume = ({ after }: WireMessage): Resume | StatesocketError =>
  after === null || isName(after) ? { type: 'RESUME', after } : wrong('RESUME');

/**
 * The name of a durable command. Null: the message has neither `clientId` nor `n` and is a command of plain mode.
 * Half a name is an error: such a command must not run without its number.
 */
export const readCommandName = (message: WireMessage): CommandName | null | StatesocketError => {
  const { clientId, n, key } = message;
  if (clientId === undefined && n === undefined) return null;
  return isName(clientId) && isCount(n) && isName(key)
    ? { clientId, n, key }
    : wrong(message.type === 'SKIP' ? 'SKIP' : 'clientId, n or key');
};
