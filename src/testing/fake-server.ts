import { CloseCode } from '../protocol/close-codes.ts';
import { createFakeLog, type LoggedMessage, welcomeFrame } from './fake-log.ts';
import { FakeSocket } from './fake-socket.ts';

/** The server behind fake sockets, as a vocabulary. What it does, it does to the socket that was dialled last. */
export interface FakeServer {
  /** The WebSocket class: give it to `createConnection`, or to any code that makes its own sockets. */
  readonly WebSocket: new (
    url: string,
    protocols?: string | string[],
  ) => FakeSocket;
  /** Every socket that was dialled, oldest first. */
  readonly sockets: readonly FakeSocket[];
  /** The socket that was dialled last. @throws {Error} when none was. */
  readonly latest: FakeSocket;
  /** The sockets that neither side has closed: one, or none, if the client is right. */
  readonly live: readonly FakeSocket[];
  /** What has arrived on the latest socket: text frames as the JSON in them. */
  readonly received: readonly unknown[];
  /** The handshake succeeds. @throws {Error} when the latest socket is not connecting. */
  accepts(): void;
  /** The handshake fails, as a browser tells it whatever the reason: an error event, then 1006, not clean. */
  refuses(): void;
  /** The socket closes with this code; 1006, which says that no close frame came, is not clean. */
  closes(code: number, reason?: string): void;
  /**
   * Its close frame arrives, and its TCP connection does not end: the socket is CLOSING, carries nothing, and no event tells of
   * it. `closes()` ends it, and tells the code.
   */
  startsClosing(): void;
  /** Each message arrives as a JSON text frame. */
  sends(...messages: readonly unknown[]): void;
  /** A text frame arrives as it is. */
  sendsText(text: string): void;
  /** A binary frame arrives. */
  sendsBytes(bytes: ArrayBuffer): void;
  /**
   * Its first frame: it speaks the delivery extension. Without it, or another first frame, a client waits 2 s and takes
   * the server for a plain one. `v`: another version than 1 is none that a client speaks.
   */
  welcomes(options?: { heartbeatMs?: number; window?: number; v?: number }): void;
  /**
   * Replies to the last RESUME as a correct server does: RESUMED, then PRESENCE of those who are `online`, then the
   * messages of its log after the cursor. Returns whether the cursor was in the log. @throws {Error} when none came.
   */
  resumes(options?: { online?: readonly string[] }): boolean;
  /**
   * Appends durable messages to its log, and sends them if `resumes()` has been said on the latest socket. Returns
   * them with `id` and `prev`.
   */
  publishes(...messages: readonly { readonly type: string }[]): readonly LoggedMessage[];
  /** Its log forgets all messages up to now: a client that has missed any is told of a discontinuity. */
  forgets(): void;
  /** A HEARTBEAT arrives, with the last position of its log. */
  beats(): void;
  /** Nothing arrives any more, either way, and nothing tells of it: a stopped process, a half-open connection. */
  stalls(): void;
  /** It goes on, and what was sent meanwhile arrives, in order. */
  recovers(): void;
  /** From now on each socket that is dialled is refused, until it `isBack()`. Open sockets are not touched. */
  isDown(): void;
  /** Ends `isDown()`. */
  isBack(): void;
}

/**
 * Makes a fake server. Nothing happens by itself: a socket that is dialled stays connecting until the test says
 * `accepts()` or `refuses()`. Everything arrives within the call, so a test needs no waiting.
 *
 * @example
 * const server = createFakeServer();
 * const connection = createConnection({ url: 'wss://example.org', WebSocket: server.WebSocket });
 * connection.connect({ userId: 'ada' });
 * server.accepts();
 * server.closes(1012);
 */
export const createFakeServer = (): FakeServer => {
  const sockets: FakeSocket[] = [];
  let waiting: (() => void)[] | null = null;
  let down = false;
  const log = createFakeLog();
  let following: FakeSocket | null = null;
  const link = {
    carry(arrives: () => void): void {
      if (waiting === null) arrives();
      else waiting.push(arrives);
    },
  };
  const latest = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('Nothing was dialled yet. Call connect() first.');
    return socket;
  };
  const refuse = (socket: FakeSocket): void => {
    socket.deliver.error();
    socket.deliver.close(CloseCode.Abnormal, false);
  };
  const toLatest = (act: (socket: FakeSocket) => void): void => {
    const socket = latest();
    link.carry(() => act(socket));
  };

  const send = (...messages: readonly unknown[]): void => {
    for (const message of messages) toLatest((socket) => socket.deliver.frame(JSON.stringify(message)));
  };
  const lastCursor = (): unknown => {
    const frames = latest().sent as readonly { readonly type?: unknown; readonly after?: unknown }[];
    const resume = frames.findLast((frame) => frame?.type === 'RESUME');
    if (resume === undefined)
      throw new Error('No RESUME has come. Call welcomes() first, on a socket that is open.');
    return resume.after;
  };

  return {
    WebSocket: class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols, link);
        sockets.push(this);
        if (down) queueMicrotask(() => refuse(this));
      }
    },
    sockets,
    get latest() {
      return latest();
    },
    get live() {
      return sockets.filter(({ readyState }) => readyState < 2);
    },
    get received() {
      return latest().sent;
    },
    accepts: () =>
      toLatest((socket) => {
        if (socket.readyState !== 0) {
          throw new Error(
            `Only a socket that is connecting can be accepted; its readyState is ${socket.readyState}.`,
          );
        }
        socket.deliver.open();
      }),
    refuses: () => toLatest(refuse),
    closes: (code, reason = '') =>
      toLatest((socket) => socket.deliver.close(code, code !== CloseCode.Abnormal, reason)),
    startsClosing: () => toLatest((socket) => socket.deliver.closing()),
    sends: send,
    sendsText: (text) => toLatest((socket) => socket.deliver.frame(text)),
    sendsBytes: (bytes) => toLatest((socket) => socket.deliver.frame(bytes)),
    welcomes: (options = {}) => send(welcomeFrame(options)),
    resumes({ online = [] } = {}) {
      const found = log.after(lastCursor());
      following = latest();
      send(
        { type: 'RESUMED', ok: found !== null, last: log.last },
        { type: 'PRESENCE', online },
        ...(found ?? []),
      );
      return found !== null;
    },
    publishes(...messages) {
      const entries = log.append(messages);
      if (following !== null && following === sockets.at(-1)) send(...entries);
      return entries;
    },
    forgets: log.trim,
    beats: () => send({ type: 'HEARTBEAT', last: log.last }),
    stalls() {
      waiting ??= [];
    },
    recovers() {
      const arriving = waiting ?? [];
      waiting = null;
      for (const arrives of arriving) arrives();
    },
    isDown() {
      down = true;
    },
    isBack() {
      down = false;
    },
  };
};
