import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { closingText } from 'statesocket/protocol';
import { servePage } from '../page-server.ts';

/** RFC 6455 section 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const closeFrame = (code: number): Buffer => Buffer.from([0x88, 2, code >> 8, code & 0xff]);
const textFrame = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);

/** How a server may end a socket: what it writes, and whether it then waits for the close of the peer, or ends TCP. */
interface Ending {
  readonly bytes: Buffer;
  readonly then: 'waits' | 'cuts' | 'ends' | 'stays';
}
const ending = (bytes: Buffer, then: Ending['then'] = 'waits'): Ending => ({ bytes, then });

const CODES = [1000, 1001, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4400, 4401, 4403, 4429, 4500];
/** Codes that no close frame may carry. */
const FORBIDDEN_CODES = [1005, 1006, 1015, 5000];

/** Every way to end a socket, by the name that docs/engines.md gives it. */
export const ENDINGS: ReadonlyMap<string, Ending> = new Map([
  ...CODES.map((code) => [`close ${code}`, ending(closeFrame(code))] as const),
  ['close without a code', ending(Buffer.from([0x88, 0]))],
  ['no close frame, TCP ends', ending(Buffer.alloc(0), 'cuts')],
  ...[1012, 1013].map(
    (code) =>
      [
        `CLOSING, then close ${code}`,
        ending(Buffer.concat([textFrame(closingText(code)), closeFrame(code)])),
      ] as const,
  ),
  ...FORBIDDEN_CODES.map((code) => [`close ${code}, which is illegal`, ending(closeFrame(code))] as const),
  ['close with one byte, which is illegal', ending(Buffer.from([0x88, 1, 3]))],
  ['close 1000, TCP ends at once', ending(closeFrame(1000), 'ends')],
  // Of a server: RFC 6455 section 5.1 has the client fail the connection.
  ['a masked frame, which is illegal', ending(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]), 'stays')],
]);

const act = (socket: Socket, { bytes, then }: Ending): void => {
  socket.removeAllListeners('data');
  if (then === 'stays') {
    socket.write(bytes);
    return;
  }
  if (then === 'cuts') {
    socket.write(bytes, () => socket.destroy());
    return;
  }
  if (then === 'ends') {
    socket.end(bytes);
    return;
  }
  socket.write(bytes);
  socket.once('data', () => socket.end());
};

/**
 * Serves a page, and sockets at `/{ending}/{when}/` that it ends: `fresh` as soon as they are open, `stable` on the first
 * frame. Any later socket at the same path it leaves open. `/refused/` is an HTTP 401.
 */
export const startClosingServer = async (webDir: string) => {
  const { server, url, port } = await servePage(webDir);
  const dials = new Map<string, number>();
  const sockets = new Set<Socket>();
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const path = decodeURIComponent(request.url ?? '/');
    const count = (dials.get(path) ?? 0) + 1;
    dials.set(path, count);
    if (path === '/refused/') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${HANDSHAKE_GUID}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const [, name = '', when] = path.split('/');
    const how = ENDINGS.get(name);
    if (count > 1 || how === undefined) return;
    if (when === 'stable') socket.once('data', () => act(socket, how));
    else setTimeout(act, 30, socket, how);
  });
  return {
    url,
    port,
    /** How many sockets were dialled at a path. */
    dialCount: (path: string): number => dials.get(path) ?? 0,
    closes(): void {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};
