import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { CLOSE_GRACE_MS } from '../hub.ts';
import { inOneWrite } from './one-write.ts';
import type { SessionTransport } from './session-transport.ts';
import { joinFrames, type SharedFrame } from './shared-frame.ts';

/** RFC 6455 section 5.5.2: a ping of a server, without a payload. */
const PING = Buffer.from([0x89, 0]);

/** A class: there is one per socket, and closures would cost each of them memory. */
class WebSocketTransport implements SessionTransport {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #clock: Clock;

  constructor(ws: WebSocket, socket: Duplex, clock: Clock) {
    this.#ws = ws;
    this.#socket = socket;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  send(frame: string | SharedFrame): void {
    if (!this.isOpen) return;
    if (typeof frame === 'string') {
      inOneWrite(this.#socket);
      this.#ws.send(frame);
    } else {
      // Between the frames of `ws`, each of which it hands on whole: it compresses nothing here.
      this.#socket.write(frame.bytes);
    }
  }

  sendAll(frames: readonly (string | SharedFrame)[], flushed?: () => void): void {
    const done = flushed && (() => flushed());
    // A stream calls back in a later tick at the earliest, also when it is destroyed.
    if (this.isOpen) this.#socket.write(joinFrames(frames), done);
    else if (done) process.nextTick(done);
  }

  ping(): void {
    if (!this.isOpen) return;
    inOneWrite(this.#socket);
    this.#socket.write(PING);
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

/**
 * Makes the port of a session out of an open server-side `ws` socket, which must not compress.
 *
 * @param socket What `ws` writes to.
 */
export const webSocketTransport = (ws: WebSocket, socket: Duplex, clock: Clock): SessionTransport =>
  new WebSocketTransport(ws, socket, clock);
