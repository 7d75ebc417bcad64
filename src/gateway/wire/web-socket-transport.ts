import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { CLOSE_GRACE_MS } from '../hub.ts';
import type { SessionTransport } from './session-transport.ts';

/** A class: there is one per socket, and closures would cost each of them memory. */
class WebSocketTransport implements SessionTransport {
  readonly #ws: WebSocket;
  readonly #clock: Clock;

  constructor(ws: WebSocket, clock: Clock) {
    this.#ws = ws;
    this.#clock = clock;
  }

  send(text: string, flushed?: () => void): void {
    this.#ws.send(text, flushed && (() => flushed()));
  }

  sendBinary(data: ArrayBuffer | ArrayBufferView, flushed?: () => void): void {
    this.#ws.send(data, { binary: true }, flushed && (() => flushed()));
  }

  ping(): void {
    this.#ws.ping();
  }

  close(code: number, reason: string): void {
    const ws = this.#ws;
    if (ws.readyState === ws.CLOSED) return;
    const timer = this.#clock.setTimeout(() => ws.terminate(), CLOSE_GRACE_MS);
    ws.once('close', () => this.#clock.clearTimeout(timer));
    ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }
}

/** Makes the port of a session out of an open server-side `ws` socket. */
export const webSocketTransport = (ws: WebSocket, clock: Clock): SessionTransport =>
  new WebSocketTransport(ws, clock);
