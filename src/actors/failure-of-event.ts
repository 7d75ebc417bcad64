import type { SocketFailure } from '../protocol/socket-failure.ts';

type Why = SocketFailure['why'];

/** Of `ws`, of React Native on Android and on iOS, in that order. Their texts quote the URL too: nothing but the number is taken. */
const STATUS_TEXTS = [
  /Unexpected server response: (\d{3})/,
  /Expected HTTP 101 response but was '(\d{3})/,
  /bad response code from server:? (\d{3})/i,
];

/** Codes of Node's errors and of `ws`. */
const CODES: readonly (readonly [RegExp, Why])[] = [
  [/^ECONNREFUSED$/, 'refused'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'dns'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET)$/, 'reset'],
  [/^(ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/, 'timeout'],
  [/^WS_ERR_/, 'frames'],
  [/^HPE_/, 'handshake'],
  [/^(EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)|CERT|^HOSTNAME_MISMATCH$/, 'tls'],
];

/** What platforms say where they give no code. */
const TEXTS: readonly (readonly [RegExp, Why])[] = [
  [/subprotocol|Protocol was not set in the opening handshake|Protocol mismatch/i, 'subprotocol'],
  [/handshake has timed out|timed? ?out/i, 'timeout'],
  [/connection refused|failed to connect to/i, 'refused'],
  [/unable to resolve host|name not resolved|server with the specified hostname could not be found/i, 'dns'],
  [/network is unreachable|no route to host|appears to be offline/i, 'unreachable'],
  [/socket hang up|connection reset|closed before the connection/i, 'reset'],
  [/certificate|trust anchor|\bSSL\b|\bTLS\b|wrong version number/i, 'tls'],
  [
    /Invalid (Upgrade|Sec-WebSocket-\w+) header|did not set (Connection|Upgrade) header|Incorrect hash|Parse Error|handshake/i,
    'handshake',
  ],
];

const wordOf = (table: readonly (readonly [RegExp, Why])[], text: string): Why | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** The longest text of a platform that is looked at. */
const MAX_TEXT_LENGTH = 1_000;

const textOf = (holder: unknown, name: 'code' | 'message'): string => {
  const text: unknown = (holder as { code?: unknown; message?: unknown } | null | undefined)?.[name];
  return typeof text === 'string' ? text.slice(0, MAX_TEXT_LENGTH) : '';
};

const read = (event: unknown): SocketFailure | null => {
  const { error } = (event ?? {}) as { error?: unknown };
  const cause = (error as { cause?: unknown } | null | undefined)?.cause;
  const said = [textOf(error, 'message'), textOf(event, 'message'), textOf(cause, 'message')];
  const status = said
    .map((text) => STATUS_TEXTS.map((pattern) => pattern.exec(text)?.[1]).find(Boolean))
    .find(Boolean);
  if (status !== undefined) return { why: 'http', httpStatus: Number(status) };
  for (const code of [textOf(error, 'code'), textOf(cause, 'code')]) {
    const why = wordOf(CODES, code);
    if (why !== undefined) return { why, httpStatus: null };
  }
  if (said.every((text) => text === '')) return null;
  const why = said.map((text) => wordOf(TEXTS, text)).find((word) => word !== undefined);
  return { why: why ?? 'unknown', httpStatus: null };
};

/** Why a socket failed, out of its error event. Null: the event does not tell, as in browsers. Never throws. */
export const failureOfEvent = (event: unknown): SocketFailure | null => {
  try {
    return read(event);
  } catch {
    return null; // an event whose getters throw tells nothing
  }
};
