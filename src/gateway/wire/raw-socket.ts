import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';

/** How long a peer that was refused may take to read that and go, in ms. Then its socket is destroyed. */
const REFUSAL_GRACE_MS = 1_000;
/** More refused sockets than this do not linger: what they were told may be lost. */
const MAX_LINGERING_COUNT = 1_000;

/** Why an upgrade is refused: an HTTP status and the headers that go with it. */
export interface Refusal {
  readonly status: number;
  readonly headers?: readonly string[];
}

// The socket destroys itself; without a listener the event would end the process.
const survive = () => {};

/**
 * Keeps the process alive when the socket fails. Node takes its own listener off as it hands out an upgrade, and `ws` adds
 * one of its own only at the handshake. Ours stays on for as long as the socket lives.
 */
export const guardSocket = (socket: Duplex): void => {
  if (!socket.listeners('error').includes(survive)) socket.on('error', survive);
};

/** The sockets that were refused and are not gone yet. */
export interface Refusals {
  /** Says no in HTTP, and destroys the socket when the peer does not go by itself. The socket must be guarded. */
  refuse(socket: Duplex, refusal: Refusal): void;
  /** Resolves when all of them are gone, at most a grace after the last was refused. */
  settled(): Promise<void>;
  /** Destroys those that are left. */
  destroy(): void;
}

export const createRefusals = (clock: Clock): Refusals => {
  const lingering = new Set<Duplex>();
  const wakers: (() => void)[] = [];
  const wake = () => {
    if (lingering.size > 0) return;
    for (const resolve of wakers.splice(0)) resolve();
  };
  return {
    refuse(socket, { status, headers = [] }) {
      // Its `close` has been emitted, or needs nobody.
      if (socket.destroyed) return;
      const lines = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'Connection: close',
        'Content-Length: 0',
        ...headers,
      ];
      socket.end(`${lines.join('\r\n')}\r\n\r\n`);
      if (lingering.size >= MAX_LINGERING_COUNT) {
        socket.destroy();
        return;
      }
      lingering.add(socket);
      const grace = clock.setTimeout(() => socket.destroy(), REFUSAL_GRACE_MS);
      socket.once('close', () => {
        clock.clearTimeout(grace);
        lingering.delete(socket);
        wake();
      });
      // Unread bytes would make the kernel reset the connection, and the peer lose what it is told.
      socket.resume();
    },
    settled: () =>
      new Promise((resolve) => {
        wakers.push(resolve);
        wake();
      }),
    destroy() {
      for (const socket of lingering) socket.destroy();
    },
  };
};
