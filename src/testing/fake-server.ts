import { CloseCode } from '../protocol/close-codes.ts';
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
  /** Each message arrives as a JSON text frame. */
  sends(...messages: readonly unknown[]): void;
  /** A text frame arrives as it is. */
  sendsText(text: string): void;
  /** A binary frame arrives. */
  sendsBytes(bytes: ArrayBuffer): void;
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
    sends(...messages) {
      for (const message of messages) toLatest((socket) => socket.deliver.frame(JSON.stringify(message)));
    },
    sendsText: (text) => toLatest((socket) => socket.deliver.frame(text)),
    sendsBytes: (bytes) => toLatest((socket) => socket.deliver.frame(bytes)),
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
