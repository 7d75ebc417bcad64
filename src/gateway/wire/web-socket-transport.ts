import type { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { CLOSE_GRACE_MS } from '../hub.ts';
import type { SessionTransport } from './session-transport.ts';

/** Makes the port of a session out of an open server-side `ws` socket. */
export const webSocketTransport = (ws: WebSocket, clock: Clock): SessionTransport => ({
  send(text, flushed) {
    ws.send(text, flushed && (() => flushed()));
  },
  sendBinary(data) {
    ws.send(data, { binary: true });
  },
  ping() {
    ws.ping();
  },
  close(code, reason) {
    if (ws.readyState === ws.CLOSED) return;
    const timer = clock.setTimeout(() => ws.terminate(), CLOSE_GRACE_MS);
    ws.once('close', () => clock.clearTimeout(timer));
    ws.close(code, reason);
  },
  terminate() {
    ws.terminate();
  },
  get bufferedBytes() {
    return ws.bufferedAmount;
  },
});
