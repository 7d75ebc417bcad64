/**
 * Why a socket failed, as far as the platform tells.
 * - `http`: the server refused the handshake with an HTTP status; `httpStatus` has it. A redirect is one of them.
 * - `subprotocol`: it chose none of `protocols`, or another.
 * - `handshake`: the server is no WebSocket server, or breaks the handshake.
 * - `refused`: nobody listens there.
 * - `dns`: the host's name is not known.
 * - `unreachable`: there is no way to the host.
 * - `reset`: the connection was cut.
 * - `timeout`: nothing replied in the platform's own time.
 * - `tls`: the certificate, or TLS itself: also `wss:` to a port that speaks none.
 * - `frames`: the server sent what no WebSocket may send.
 * - `unknown`: something else.
 */
export const SOCKET_FAILURES = [
  'http',
  'subprotocol',
  'handshake',
  'refused',
  'dns',
  'unreachable',
  'reset',
  'timeout',
  'tls',
  'frames',
  'unknown',
] as const;

/** Why a socket failed. The `ws` package tells; React Native and undici tell some of it; browsers tell nothing, on purpose. */
export interface SocketFailure {
  readonly why: (typeof SOCKET_FAILURES)[number];
  /** The HTTP status that refused the handshake; null: none was told. */
  readonly httpStatus: number | null;
}

const WORDS: { readonly [Why in SocketFailure['why']]: string } = {
  http: 'The server refused the handshake.',
  subprotocol: 'The server chose none of the subprotocols that were offered, or another.',
  handshake: 'The reply breaks the WebSocket handshake: is it a WebSocket server?',
  refused: 'Nobody listens at that host and port.',
  dns: "The host's name is not known.",
  unreachable: 'There is no way to that host.',
  reset: 'The connection was cut.',
  timeout: 'Nothing replied in time.',
  tls: 'TLS failed: the certificate is not trusted, or the port speaks no TLS.',
  frames: 'The server sent what no WebSocket may send.',
  unknown: 'The WebSocket reported an error.',
};

/** Says why a socket failed, without a word of the platform's: that may quote the URL. */
export const describeFailure = (failure: SocketFailure | null): string => {
  if (failure === null) return WORDS.unknown;
  if (failure.httpStatus === null) return WORDS[failure.why];
  return `The server refused the handshake with HTTP ${failure.httpStatus}.`;
};
