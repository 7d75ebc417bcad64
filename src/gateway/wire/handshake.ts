import type { IncomingMessage } from 'node:http';
import type { Refusal } from './raw-socket.ts';

/** 16 bytes in base64 (RFC 6455 section 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Whether a request asks for a WebSocket, be it well or badly. */
export const isWebSocketUpgrade = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/**
 * What is wrong with the opening handshake (RFC 6455 section 4.2.1), or null. Looked at before the token, so that nobody
 * is asked about a request that comes to nothing.
 *
 * Version 8 is refused, which `ws` would take: its browsers name their page in `Sec-WebSocket-Origin`, past the check of
 * the Origin.
 */
export const handshakeFault = ({ method, headers, httpVersion }: IncomingMessage): Refusal | null => {
  if (method !== 'GET') return { status: 405, headers: ['Allow: GET'] };
  if (headers['sec-websocket-version'] !== '13') {
    return { status: 426, headers: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] };
  }
  // HTTP/1.0 knows no upgrade (RFC 9110 section 7.8): a proxy that speaks it would take what follows for a body.
  if (httpVersion === '1.0' || httpVersion === '0.9') return { status: 400 };
  return KEY.test(headers['sec-websocket-key'] ?? '') ? null : { status: 400 };
};
