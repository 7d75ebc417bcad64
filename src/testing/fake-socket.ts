import type { WebSocketLike } from '../actors/web-socket-like.ts';
import type { ByteView } from '../lib/byte-view.ts';

type Handlers = Pick<WebSocketLike, 'onopen' | 'onmessage' | 'onerror' | 'onclose'>;

/** What carries events between a fake socket and its server. */
export interface FakeLink {
  /** Runs it now, or once the link works again. */
  carry(arrives: () => void): void;
}

const worksAlways: FakeLink = { carry: (arrives) => arrives() };

/**
 * A WebSocket without a network. It does what a browser's does, where a test can see it: nothing comes after its close, a
 * socket that is closed while it connects errs and closes with 1006, not clean, and the close that the client asked for
 * comes later, never within the call of `close()`.
 *
 * Has no `addEventListener`, `bufferedAmount` or `extensions`. Source: WHATWG WebSockets, the WebSocket interface.
 */
export class FakeSocket implements WebSocketLike {
  binaryType = 'blob';
  readyState = 0;
  onopen: Handlers['onopen'] = null;
  onmessage: Handlers['onmessage'] = null;
  onerror: Handlers['onerror'] = null;
  onclose: Handlers['onclose'] = null;
  /** What has arrived at the server: text frames as the JSON in them, other frames as they were sent. */
  readonly sent: unknown[] = [];
  /** What the client closed with, or null while it has not. */
  closedWith: { readonly code: number | undefined } | null = null;
  readonly url: string;
  readonly protocols: string | string[] | undefined;
  readonly #link: FakeLink;

  constructor(url: string, protocols?: string | string[], link: FakeLink = worksAlways) {
    this.url = url;
    this.protocols = protocols;
    this.#link = link;
  }

  /** @throws {Error} when the socket is still connecting, as the platform's InvalidStateError. */
  send(data: string | ArrayBuffer | ByteView): void {
    if (this.readyState === 0) throw new Error('InvalidStateError: the socket is still connecting.');
    if (this.readyState > 1) return;
    this.#link.carry(() => void this.sent.push(typeof data === 'string' ? decoded(data) : data));
  }

  close(code?: number): void {
    if (this.readyState >= 2) return;
    const wasOpen = this.readyState === 1;
    this.closedWith = { code };
    this.readyState = 2;
    queueMicrotask(() =>
      this.#link.carry(() => {
        if (!wasOpen) this.deliver.error();
        this.deliver.close(wasOpen ? (code ?? 1005) : 1006, wasOpen);
      }),
    );
  }

  /** What the platform tells the client, now: no link is in between. Use the server's vocabulary where you can. */
  readonly deliver = {
    open: (): void => {
      this.readyState = 1;
      this.onopen?.(undefined as never);
    },
    frame: (data: unknown): void => {
      if (this.readyState < 3) this.onmessage?.({ data });
    },
    /** A close has begun and does not end: readyState is 2, and no event tells of it. */
    closing: (): void => {
      this.readyState = Math.max(2, this.readyState);
    },
    error: (): void => this.onerror?.(undefined as never),
    close: (code: number, wasClean: boolean, reason = ''): void => {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason, wasClean });
    },
  };
}

const decoded = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
