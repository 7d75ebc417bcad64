import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { CLOSE_GRACE_MS } from '../hub.ts';
import { inOneWrite } from './one-write.ts';
import type { SessionTransport } from './session-transport.ts';
import type { SharedFrame } from './shared-frame.ts';

let gathering: Duplex[] = [];
/** One write is one call to the system, which costs more than all else at a heartbeat. */
const gather = (socket: Duplex) => {
  socket.cork();
  if (gathering.push(socket) > 1) return;
  setImmediate(() => {
    const sockets = gathering;
    gathering = [];
    for (const each of sockets) each.uncork();
  });
};

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

  send(frame: string | SharedFrame, flushed?: () => void): void {
    const ws = this.#ws;
    const done = flushed && (() => flushed());
    if (typeof frame === 'string') {
      inOneWrite(this.#socket);
      ws.send(frame, done);
    } else if (ws.readyState === ws.OPEN) {
      // Between the frames of `ws`, each of which it hands on whole: it compresses nothing here.
      this.#socket.write(frame.bytes, done);
    } else flushed?.();
  }

  gather(): void {
    gather(this.#socket);
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

/**
 * Makes the port of a session out of an open server-side `ws` socket, which must not compress.
 *
 * @param socket What `ws` writes to.
 */
export const webSocketTransport = (ws: WebSocket, socket: Duplex, clock: Clock): SessionTransport =>
  new WebSocketTransport(ws, socket, clock);
