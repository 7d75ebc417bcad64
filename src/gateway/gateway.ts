import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { atMost } from '../lib/at-most.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { DEFAULT_WINDOW_COUNT } from '../protocol/extension.ts';
import type { Publisher } from './commands/command.ts';
import { createErrorLog } from './error-log.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { guarded } from './guarded.ts';
import { CLOSE_GRACE_MS, createHub } from './hub.ts';
import { type DialRefusal, errorLabel } from './observation/gateway-facts.ts';
import type { GatewayFigures } from './observation/gateway-observer.ts';
import { createObservation } from './observation/observation.ts';
import { observeEngine } from './observation/observed-engine.ts';
import type { Session } from './session/session.ts';
import { settleOptions } from './settle-options.ts';
import { type DrainOptions, type StagedClose, settleDrain } from './staged-close.ts';
import { type Admission, createDoorkeeper } from './wire/admission.ts';
import { sendFarewell } from './wire/farewell.ts';
import { type Arrival, createFrontDoor } from './wire/front-door.ts';
import { createIntake, type Intake, MAX_CHUNK_COUNT, MAX_FRAGMENT_COUNT } from './wire/intake.ts';
import { inOneWrite } from './wire/one-write.ts';
import { webSocketTransport } from './wire/web-socket-transport.ts';

/** The server half of statesocket. Made by {@link createGateway}. */
export interface Gateway extends Publisher {
  /** Whether the user has a socket here, or had one within the presence grace. */
  isOnline(userId: string): boolean;
  /**
   * Which of these users have a socket at any gateway over the same engine, or had one within the presence grace.
   *
   * @throws What the engine throws.
   */
  findOnline(userIds: readonly string[]): Promise<readonly string[]>;
  /**
   * Closes every socket of a user, with a reason of at most 123 bytes, at every gateway over the same engine. Another one that
   * cannot be reached closes them when it checks their token. Does not keep the user from coming back: revoke the token first.
   *
   * @throws {StatesocketError} `bad-option` for a code or reason that a close frame cannot carry.
   */
  disconnectUser(userId: string, code: number, reason: string): void;
  /** Sockets that were admitted and are open. */
  readonly connectionCount: number;
  /**
   * Gets ready to close: refuses upgrades from now on (503), and closes the sockets one after the other with 1012, so that
   * their clients dial elsewhere at a rate that others bear. A socket that waits for its turn is served as ever; one whose turn has
   * come finishes the command that runs, for 1.5 s at most. Resolves when all are closed, 1.5 s after `withinMs` at the latest.
   *
   * A client is told how long to wait only where `withinMs` is too short for the number of sockets. Calling it again changes
   * nothing and returns the same promise; `close` cuts it short.
   *
   * @throws {StatesocketError} `bad-option`.
   * @example
   * await gateway.drain({ dialsPerSecond: 200, withinMs: 20_000 });
   * await gateway.close();
   */
  drain(options?: DrainOptions): Promise<void>;
  /**
   * Takes no more commands, gives those that run 1.5 s to finish and be receipted, closes every socket with 1012 and lets go
   * of the server. All of it within 2 s: a peer that has not replied by then is cut off. Upgrades that come meanwhile get 503, and are
   * cut off like the rest. The engine stays open. Calling it again returns the same promise.
   */
  close(): Promise<void>;
}

/** What an observer is told of a connection that was judged and refused, by the code that it is closed with. */
const REFUSALS: Readonly<Partial<Record<number, DialRefusal>>> = {
  [CloseCode.Unauthenticated]: 'unauthenticated',
  [CloseCode.Forbidden]: 'origin',
  [CloseCode.TryAgainLater]: 'unjudged',
};

/** What a peer may still send that was refused, in bytes: the reply to the close, and what was on its way. */
const MAX_REFUSED_BYTES = 64 * 1024;

const bind = (ws: WebSocket, socket: Duplex, session: Session, intake: Intake) => {
  ws.binaryType = 'arraybuffer';
  const inlet = intake.join(session.userId, ws, session);
  session.readBy(inlet);
  // Before `ws`, so that a limit of ours closes with a code of ours.
  socket.prependListener('data', (chunk: Buffer) => intake.arrived(inlet, chunk));
  ws.on('message', (data, isBinary) => intake.received(inlet, data as Buffer | ArrayBuffer, isBinary));
  ws.on('pong', () => session.receivePong());
  ws.on('close', () => intake.ended(inlet));
  // `ws` has sent a close of its own by now (1002, 1007 or 1009). A peer that broke the protocol may never reply to it.
  ws.on('error', () => session.close(CloseCode.BadProtocol, 'bad frame'));
};

/** Leaves to TCP what somebody sends who was not let in, until the closing handshake is over. */
const ignore = (ws: WebSocket, socket: Duplex) => {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_REFUSED_BYTES) ws.pause();
  });
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
 * Speaks the delivery extension with clients that do, and plain JSON with all others. The handshake is completed only when
 * the token was judged and the end of the user's log was read: what is published after a client sees `open` reaches
 * it. A refused connection is accepted and then closed with 4401, 4403 or 1013, since a browser is told nothing of a
 * refused upgrade. Close codes: docs/protocol.md.
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
 *   handle: async (command, { userId, key, publish, reject }) => {
 *     if (command.kind !== 'message' || !mayWrite(userId, command.message)) return reject('not-allowed');
 *     const message = await store(command.message, key); // the same key stores nothing again
 *     publish([userId, message.recipientId], { type: 'NEW_MESSAGE', … });
 *   },
 * });
 */
export const createGateway = (options: GatewayOptions): Gateway => {
  const given = settleOptions(options);
  const { clock } = given;
  const log = createErrorLog({ clock });
  const { onError = log } = given;
  const report = (error: StatesocketError) => {
    observation?.record('error.reported', 1, errorLabel(error.code));
    guarded(
      () => onError(error),
      (cause) => console.error('statesocket gateway: onError threw', cause),
    );
  };
  const observation = createObservation(given.observers, report);
  const observed = observation === null ? null : observeEngine(given.engine, observation, clock);
  const settings = { ...given, engine: observed?.engine ?? given.engine };
  const socketOptions = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: settings.maxPayloadBytes,
    // The intake refuses these first, with 1009: `ws` says 1008, which is for tokens here.
    maxFragments: MAX_FRAGMENT_COUNT,
    maxBufferedChunks: MAX_CHUNK_COUNT,
  };
  const sockets = new WebSocketServer(socketOptions);
  const intake = createIntake(settings, clock);
  const doorkeeper = createDoorkeeper(settings, report);
  const hub = createHub({
    ...settings,
    limits: { ...settings, windowCount: DEFAULT_WINDOW_COUNT },
    report,
    observation,
  });
  let closing: Promise<void> | null = null;
  let draining: StagedClose | null = null;

  const peerFailed = (cause: Error) =>
    report(new StatesocketError('socket-error', 'A peer broke the WebSocket protocol.', { cause }));
  // Apart from `complete`, so that a session, which keeps `identify`, keeps nothing of its request.
  const begin = (ws: WebSocket, socket: Duplex, admission: Admission, token: string | null) => {
    ws.on('error', peerFailed);
    const transport = webSocketTransport(ws, socket, clock);
    if (!admission.admitted) {
      observation?.record('dial.refused', 1, REFUSALS[admission.code] ?? 'unjudged');
      sendFarewell(transport, admission.code, admission.reason);
      ignore(ws, socket);
    } else if (token !== null) {
      const { userId, position } = admission;
      const identify = () => doorkeeper.identify(token, 'check');
      const session = hub.admit({ userId, position, identify }, transport);
      if (session === null) ignore(ws, socket);
      else bind(ws, socket, session, intake);
    }
  };
  const complete = ({ request, socket, head, token }: Arrival, admission: Admission) => {
    // The response and the first frame leave in one write.
    inOneWrite(socket);
    sockets.handleUpgrade(request, socket, head, (ws) => begin(ws, socket, admission, token));
  };
  const judge = async (arrival: Arrival) => {
    const admission = await doorkeeper.admit(arrival.request, arrival.token);
    return () => complete(arrival, admission);
  };
  const door = createFrontDoor({ settings, report, observation, judge });
  const figures: GatewayFigures = {
    get connectionCount() {
      return hub.connectionCount;
    },
    get userCount() {
      return hub.userCount;
    },
    get waitingCommandCount() {
      return hub.waitingCommandCount;
    },
    get pendingHandshakeCount() {
      return door.pendingCount;
    },
    get engineCallCount() {
      return observed?.underWayCount ?? 0;
    },
    get isClosing() {
      return closing !== null || draining !== null;
    },
  };
  observation?.attach(figures);

  const shutDown = async () => {
    door.shut();
    doorkeeper.stop();
    intake.stop();
    const gone = Promise.all(
      [...sockets.clients].map((ws) => new Promise((resolve) => ws.once('close', resolve))),
    );
    const leaving = hub.drain().then(() => Promise.all([gone, door.settled()]));
    await atMost(clock, CLOSE_GRACE_MS, leaving);
    for (const ws of sockets.clients) ws.terminate();
    door.leave();
    log.flush();
  };

  return {
    publish: hub.publish,
    publishVolatile: hub.publishVolatile,
    publishBinary: hub.publishBinary,
    isOnline: hub.isOnline,
    findOnline: hub.findOnline,
    disconnectUser(userId, code, reason) {
      checkClose(code, reason);
      hub.disconnectUser(userId, code, reason);
    },
    get connectionCount() {
      return hub.connectionCount;
    },
    drain(options) {
      const drain = settleDrain(options);
      if (closing !== null) return closing;
      if (draining === null) {
        door.shut();
        draining = hub.closeInTurn(drain);
      }
      return draining.done;
    },
    close() {
      draining?.stop();
      closing ??= shutDown();
      return closing;
    },
  };
};
