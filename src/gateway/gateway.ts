import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createDoorkeeper } from './admission.ts';
import type { CommandContext, Publisher } from './command.ts';
import { tokenOfPath } from './connect-path.ts';
import { type GatewayOptions, settleOptions } from './gateway-options.ts';
import { replyText } from './outgoing-text.ts';
import { createPresence } from './presence.ts';
import { createPublisher } from './publisher.ts';
import { createRoster } from './roster.ts';
import { createSession, type Session } from './session.ts';
import { CLOSE_GRACE_MS, webSocketTransport } from './web-socket-transport.ts';

/** The server half of statesocket. Made by {@link createGateway}. */
export interface Gateway extends Publisher {
  /** Whether the user has a socket here, or had one within the presence grace. */
  isOnline(userId: string): boolean;
  /**
   * Closes every socket of a user, with a reason of at most 123 bytes. Does not keep the user from coming back: revoke
   * the token first.
   *
   * @throws {StatesocketError} `bad-option` for a code or reason that a close frame cannot carry.
   */
  disconnectUser(userId: string, code: number, reason: string): void;
  /** Sockets that were admitted and are open. */
  readonly connectionCount: number;
  /**
   * Closes every socket with 1001, gives peers and running commands 2 s, and lets go of the server. Upgrades that come
   * meanwhile are answered with 503. The engine stays open. Calling it again answers the same promise.
   */
  close(): Promise<void>;
}

const bind = (ws: WebSocket, session: Session) => {
  ws.binaryType = 'arraybuffer';
  ws.on('message', (data, isBinary) => {
    if (isBinary) session.receiveBinary(data as ArrayBuffer);
    else session.receiveText(String(data));
  });
  ws.on('pong', session.receivePong);
  ws.on('close', session.transportClosed);
  // `ws` has sent a close of its own by now (1002, 1007 or 1009). A peer that broke the protocol may never answer it.
  ws.on('error', () => session.close(CloseCode.BadProtocol, 'bad frame'));
};

const checkClose = (code: number, reason: string) => {
  const reserved = code === 1004 || code === 1005 || code === 1006;
  const sendable = (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999);
  if (!Number.isInteger(code) || !sendable)
    throw new StatesocketError('bad-option', 'This close code cannot be sent.');
  if (Buffer.byteLength(reason) > 123)
    throw new StatesocketError('bad-option', 'A close reason has at most 123 bytes.');
};

/**
 * Serves statesocket connections on an HTTP server of yours.
 *
 * The handshake is completed only when the token was judged and the end of the user's log was read: what is published
 * after a client sees `open` reaches it. A refused connection is accepted and then closed with 4401, 4403 or 1013, since a
 * browser is told nothing of a refused upgrade. Close codes: docs/protocol.md.
 *
 * Does not serve HTTP, does not keep users or rights, and does not compress.
 *
 * @throws {StatesocketError} `bad-option`.
 * @example
 * const gateway = createGateway({
 *   server,
 *   engine: sqliteEngine({ file: 'inbox.db' }),
 *   authenticate: async (token) => sessions.find(token),
 *   allowedOrigins: ['https://example.org'],
 *   handle: async (command, { userId, publish }) => {
 *     if (command.kind === 'message' && mayWrite(userId, command.message)) await publish([…], { type: 'NEW_MESSAGE', … });
 *   },
 * });
 */
export const createGateway = (options: GatewayOptions): Gateway => {
  const settings = settleOptions(options);
  const { server, engine, clock, handle } = settings;
  const report = (error: StatesocketError) => {
    try {
      settings.onError(error);
    } catch (cause) {
      console.error('statesocket gateway: onError threw', cause);
    }
  };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: settings.maxPayloadBytes,
  });
  const roster = createRoster();
  const publisher = createPublisher(engine, roster);
  const doorkeeper = createDoorkeeper(settings, report);
  const presence = createPresence({
    audience: settings.presence,
    graceMs: settings.presenceGraceMs,
    clock,
    tell: publisher.sendText,
    report,
  });
  /** Upgrades that wait for their verdict. */
  const waiting = new Set<Duplex>();
  let closing: Promise<void> | null = null;

  const welcome = (ws: WebSocket, token: string, userId: string, position: string) => {
    const transport = webSocketTransport(ws, clock);
    if (roster.countOf(userId) >= settings.maxSocketsPerUser) {
      transport.close(CloseCode.TooMany, 'too many sockets');
      return;
    }
    const session: Session = createSession({
      userId,
      position,
      transport,
      engine,
      clock,
      limits: settings,
      report,
      identify: () => doorkeeper.identify(token),
      handle: (command) => handle(command, context),
      ended() {
        roster.remove(session);
        if (roster.countOf(userId) === 0) presence.left(userId);
      },
    });
    const reply = (message: WireMessage) => session.send(replyText(message));
    const context: CommandContext = { ...publisher.publisher, userId, reply };
    bind(ws, session);
    roster.add(session);
    session.start();
    presence.joined(userId, session.send);
  };

  const refuse = (socket: Duplex) =>
    socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');

  const take = async (request: IncomingMessage, socket: Duplex, head: Buffer, token: string | null) => {
    // The peer may go while its token is judged; handleUpgrade notices.
    const gone = () => socket.destroy();
    socket.on('error', gone);
    waiting.add(socket);
    const admission = await doorkeeper.admit(request, token);
    socket.off('error', gone);
    // close() has taken it out and refused it.
    if (!waiting.delete(socket)) return;
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', (cause) =>
        report(new StatesocketError('socket-error', 'A peer broke the WebSocket protocol.', { cause })),
      );
      if (admission.admitted && token !== null) {
        try {
          welcome(ws, token, admission.userId, admission.position);
        } catch (cause) {
          // An engine of the app's own may throw on subscribe. The close ends the half-made session.
          report(new StatesocketError('engine-failed', 'A socket could not be set up.', { cause }));
          ws.close(CloseCode.TryAgainLater, 'try again later');
        }
      } else if (!admission.admitted) webSocketTransport(ws, clock).close(admission.code, admission.reason);
    });
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const token = tokenOfPath(request.url ?? '');
    if (token === undefined) {
      if (server.listenerCount('upgrade') === 1) socket.destroy();
      return;
    }
    if (closing === null) void take(request, socket, head, token);
    else refuse(socket);
  };
  server.on('upgrade', onUpgrade);

  const shutDown = async () => {
    presence.stop();
    for (const socket of waiting) refuse(socket);
    waiting.clear();
    const sessions = roster.all();
    const gone = [...sockets.clients].map((ws) => new Promise((resolve) => ws.once('close', resolve)));
    for (const session of sessions) session.close(CloseCode.GoingAway, 'server shuts down');
    let timer: ReturnType<typeof clock.setTimeout> | undefined;
    const deadline = new Promise((resolve) => {
      timer = clock.setTimeout(() => resolve(undefined), CLOSE_GRACE_MS);
    });
    await Promise.race([Promise.all([...gone, ...sessions.map((session) => session.settled())]), deadline]);
    if (timer !== undefined) clock.clearTimeout(timer);
    for (const ws of sockets.clients) ws.terminate();
    server.off('upgrade', onUpgrade);
  };

  return {
    ...publisher.publisher,
    isOnline: presence.isOnline,
    disconnectUser(userId, code, reason) {
      checkClose(code, reason);
      for (const session of roster.of(userId)) session.close(code, reason);
    },
    get connectionCount() {
      return roster.count;
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
};
