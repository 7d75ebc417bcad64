import {
  type Connection,
  createConnection,
  createTypingIndicator,
  type ErrorCode,
  flightRecorder,
  linearBackoff,
  type SendResult,
  type Unsubscribe,
} from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import {
  ClientCommand,
  type OutgoingCommand,
  ServerMessage,
} from '../../../../../contract/socket-messages.ts';
import { ApiFailure } from '../../../api/http.ts';
import { requestTicket } from '../../../api/redngift-api.ts';
import { readAccessToken } from '../../../auth/access-token.ts';

/**
 * A ticket for the next socket: URLs are logged on their way, and the access token is good for 30 days. Null where nobody is
 * signed in, or the server says that the session is over, which `onTokenRefused` hears too.
 *
 * @throws {ApiFailure} where the server cannot be reached or has no ticket now: a lost attempt.
 */
const fetchTicket = async ({ signal }: { signal: AbortSignal }): Promise<string | null> => {
  if (readAccessToken() === null) return null;
  try {
    return (await requestTicket(signal)).ticket;
  } catch (error) {
    if (error instanceof ApiFailure) {
      if (error.status === 401) return null;
      // That nobody can be reached the banner says, and the browser's own line.
      if (error.status !== 0) console.error('WebSocket error:', error);
    }
    throw error;
  }
};

/** The gateway's address; the ticket travels in its path. */
const socketUrl = ({ token }: { token: string | null }): string => {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}/connect/${encodeURIComponent(token ?? '')}/`;
};

/**
 * Unknown types are MessageHandler's to name; that nobody is signed in is for the guard to show; why no ticket came,
 * `fetchTicket` says.
 */
const UNSAID: ReadonlySet<ErrorCode> = new Set(['unknown-type', 'token-missing', 'token-failed']);

/** Writes the lines that RednGift's documents promise. */
const writeToConsole = (connection: Connection<ServerMessage>): void => {
  connection.onError((error) => {
    if (error.code === 'not-connected') console.warn('WebSocket not connected');
    else if (!UNSAID.has(error.code)) console.error('WebSocket error:', error);
  });
  let { failure } = connection.getSnapshot();
  connection.subscribe(() => {
    const before = failure;
    ({ failure } = connection.getSnapshot());
    if (failure === 'exhausted' && before !== 'exhausted') {
      console.error('Max retries reached. WebSocket connection failed.');
    }
  });
};

/**
 * RednGift's one connection, under the names its documents gave. The life of the connection is the statechart of
 * statesocket: nothing here reconnects, counts or remembers.
 */
export class WebSocketClient {
  static #instance: WebSocketClient | null = null;

  static getInstance(): WebSocketClient {
    WebSocketClient.#instance ??= new WebSocketClient();
    return WebSocketClient.#instance;
  }

  readonly connection: Connection<ServerMessage, OutgoingCommand> = createConnection({
    url: socketUrl,
    getToken: fetchTicket,
    messages: ServerMessage,
    sends: ClientCommand,
    ack: true,
    backoff: linearBackoff({ stepMs: 10_000, jitter: 'none' }),
    // The gateway replies to PING with HEARTBEAT.
    heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping: () => '{"type":"PING"}' },
    // What was said must arrive. That somebody types is worth nothing a moment later.
    // For the inspector, and for reports.
    recorder: flightRecorder(),
    delivery: durableDelivery({
      server: 'statesocket',
      durable: ({ type }) => type === 'SEND_MESSAGE',
      storage: 'indexedDB',
    }),
  });

  /** Tells the partner of a conversation that this person is typing; at most once a second and conversation. */
  readonly sendTypingIndicator = createTypingIndicator(this.connection);

  private constructor() {
    writeToConsole(this.connection);
  }

  /** Connects as this user. Again for the same user: nothing happens. */
  init(userId: string): void {
    this.connection.connect({ userId });
  }

  /** Closes the connection for good: to `loggedOut` where the person logged out, else to `idle`. */
  disconnect(loggedOut: boolean): void {
    if (loggedOut) this.connection.logout();
    else this.connection.disconnect();
  }

  /**
   * Sends one message that is JSON text already. Not connected: what is said in a chat is `queued`, and survives a reload;
   * anything else is `refused`, and `WebSocket not connected` is logged.
   *
   * @throws {SyntaxError} when the text is not JSON.
   */
  sendMessage(text: string): SendResult {
    return this.connection.send(JSON.parse(text));
  }

  /** Sends one binary frame, as `sendMessage` does. */
  sendBinaryMessage(data: ArrayBuffer): SendResult {
    return this.connection.sendBinary(data);
  }

  /** Listens to every message, parsed and validated; a binary frame arrives as `{ type: 'binary', data }`. */
  addMessageListener(listener: Parameters<Connection<ServerMessage>['onMessage']>[0]): Unsubscribe {
    return this.connection.onMessage(listener);
  }

  static {
    import.meta.hot?.dispose(() => WebSocketClient.#instance?.connection.dispose());
    // Vite asks a module to dispose only if it accepts its own updates; a page with a new client begins again.
    import.meta.hot?.accept(() => location.reload());
  }
}
