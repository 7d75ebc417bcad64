/**
 * A WebSocket class without a network, and the server behind it as a vocabulary: `server.accepts()`,
 * `server.refuses()`, `server.closes(1012)`. It tells the truth where mock-socket does not: a refused connection
 * closes as 1006 and not clean, and a socket is silent after its close.
 */
import type { WebSocketLike } from 'statesocket';

type Handler<E> = ((event: E) => void) | null;

export class FakeSocket implements WebSocketLike {
  binaryType = 'blob';
  readyState = 0;
  onopen: Handler<never> = null;
  onmessage: Handler<{ data: unknown }> = null;
  onerror: Handler<never> = null;
  onclose: Handler<{ code: number; reason: string; wasClean: boolean }> = null;
  /** What the client sent, text frames decoded. */
  readonly sent: unknown[] = [];
  /** What the client closed with, or null while it has not. */
  closedWith: { code: number | undefined } | null = null;
  readonly url: string;
  readonly protocols: string | string[] | undefined;

  constructor(url: string, protocols?: string | string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data);
  }

  close(code?: number): void {
    if (this.readyState >= 2) return;
    this.closedWith = { code };
    this.readyState = 2;
  }

  /** What the platform delivers. */
  deliver = {
    open: (): void => {
      this.readyState = 1;
      this.onopen?.(new Event('open') as never);
    },
    frame: (data: unknown): void => this.onmessage?.({ data }),
    error: (): void => this.onerror?.(new Event('error') as never),
    close: (code: number, wasClean: boolean, reason = ''): void => {
      this.readyState = 3;
      this.onclose?.({ code, reason, wasClean });
    },
  };
}

export const createFakeServer = () => {
  const sockets: FakeSocket[] = [];
  const latest = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('nothing was dialled yet');
    return socket;
  };
  return {
    /** Give this to `createConnection`. */
    WebSocket: class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
    sockets,
    get latest() {
      return latest();
    },
    /** Sockets the client has not closed and that have not been closed. */
    get live() {
      return sockets.filter((socket) => socket.readyState < 2);
    },
    accepts: () => latest().deliver.open(),
    /** As a browser tells it: an error event, then 1006, not clean. */
    refuses: () => {
      latest().deliver.error();
      latest().deliver.close(1006, false);
    },
    /** 1006 is never clean: it says that no close frame came. */
    closes: (code: number, reason = '') => latest().deliver.close(code, code !== 1006, reason),
    sends: (...messages: unknown[]) => {
      for (const message of messages) latest().deliver.frame(JSON.stringify(message));
    },
    sendsText: (text: string) => latest().deliver.frame(text),
    sendsBytes: (bytes: ArrayBuffer) => latest().deliver.frame(bytes),
    /** What the client has sent on the latest socket. */
    get received() {
      return latest().sent;
    },
  };
};
