import type { ByteView } from '../lib/byte-view.ts';

// A method's parameters are compared both ways, so that handlers of a browser, of `ws` and of fakes, each with its own
// event classes, all fit without a cast.
type Handler<E> = { handle(event: E): void }['handle'] | null;

/**
 * What statesocket needs of a WebSocket: a browser's, Node's, the `ws` package's or a fake's.
 * Source: WHATWG WebSockets, the WebSocket interface.
 */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Absent: nothing is known to wait. */
  readonly bufferedAmount?: number;
  onopen: Handler<never>;
  onmessage: Handler<{ data: unknown }>;
  onerror: Handler<never>;
  onclose: Handler<{ code: number; reason: string; wasClean: boolean }>;
  send(data: string | ArrayBuffer | ByteView): void;
  close(code?: number, reason?: string): void;
  /** Ends the connection without a close handshake. Browsers have none; `ws` does. */
  terminate?(): void;
}

/** A WebSocket class. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;
