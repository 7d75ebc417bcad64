import type { WebSocketConstructor, WebSocketLike } from '../../src/actors/web-socket-like.ts';

type Handlers = Pick<WebSocketLike, 'onopen' | 'onmessage' | 'onerror' | 'onclose'>;

/** A socket whose platform keeps no rules: it tells what the test says, whenever, after its end too. */
export interface HandSocket extends Handlers {
  readonly url: string;
  readyState: number;
  /** How often the client has closed it. */
  readonly closeCount: number;
  /** Whether neither side has ended it. */
  readonly isLive: boolean;
  opens(): void;
  hears(data: unknown): void;
  errs(): void;
  closes(close: { readonly code: number; readonly reason: string; readonly wasClean: boolean }): void;
}

/** What a test does around its sockets. All of it may throw, as platforms do. */
export interface HandSocketPlatform {
  /** The client makes a socket. */
  dials(socket: HandSocket): void;
  /** The client sends. */
  sends(socket: HandSocket, data: unknown): void;
  /** The client closes the socket; not called a second time. */
  closes(socket: HandSocket): void;
}

/** Makes the WebSocket class of a test. */
export const handSocketClass = (platform: HandSocketPlatform): WebSocketConstructor =>
  class implements HandSocket, WebSocketLike {
    binaryType = 'blob';
    readyState = 0;
    closeCount = 0;
    onopen: Handlers['onopen'] = null;
    onmessage: Handlers['onmessage'] = null;
    onerror: Handlers['onerror'] = null;
    onclose: Handlers['onclose'] = null;
    readonly url: string;
    #hasEnded = false;

    constructor(url: string) {
      this.url = url;
      platform.dials(this);
    }
    get isLive() {
      return this.closeCount === 0 && !this.#hasEnded;
    }
    send(data: unknown) {
      platform.sends(this, data);
    }
    close() {
      this.closeCount += 1;
      if (this.closeCount > 1) return;
      this.readyState = Math.max(2, this.readyState);
      platform.closes(this);
    }
    opens() {
      this.readyState = Math.max(1, this.readyState);
      this.onopen?.(undefined as never);
    }
    hears(data: unknown) {
      this.onmessage?.({ data });
    }
    errs() {
      this.onerror?.(undefined as never);
    }
    closes(close: { code: number; reason: string; wasClean: boolean }) {
      this.#hasEnded = true;
      this.readyState = 3;
      this.onclose?.(close);
    }
  };
