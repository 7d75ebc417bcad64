import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A peer that speaks in bytes and does only what it is told. */
export interface RawPeer {
  readonly socket: Socket;
  /** All it has got so far. */
  readonly heard: string;
  write(text: string): Promise<void>;
  /** Ends the connection with an RST. */
  reset(): void;
  /** The server has ended or reset the connection. */
  readonly left: Promise<void>;
}

/** Peers of loopback addresses of their own: limits by address tell them apart. */
export const ATTACKER = '127.0.0.66';
export const HONEST = '127.0.0.1';

/** @param options.from The address it comes from. @param options.isDeaf It never ends its half, whatever the other side does. */
export const rawPeer = async (
  port: number,
  { from = ATTACKER, isDeaf = false }: { from?: string; isDeaf?: boolean } = {},
): Promise<RawPeer> => {
  let heard = '';
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: isDeaf });
  onTestFinished(() => void socket.destroy());
  socket.on('data', (bytes) => {
    heard += String(bytes);
  });
  const left = new Promise<void>((resolve) => {
    socket.on('end', resolve);
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return {
    socket,
    left,
    get heard() {
      return heard;
    },
    write: (text) => new Promise((resolve) => socket.write(text, () => resolve())),
    reset: () => void socket.resetAndDestroy(),
  };
};

/** The opening handshake of a WebSocket, with headers changed, or left out where they are null. */
export const handshake = (
  path: string,
  {
    method = 'GET',
    version = '1.1',
    headers = {},
  }: { method?: string; version?: string; headers?: Record<string, string | null> } = {},
): string => {
  const all: Record<string, string | null> = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return [`${method} ${path} HTTP/${version}`, ...lines, '', ''].join('\r\n');
};

/** What an HTTP client sends that would like to speak HTTP/2. */
export const h2c = (path: string, { method = 'GET', body = '' } = {}): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'X-Kept: yes',
    'Connection: Upgrade, HTTP2-Settings, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
    ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n');
