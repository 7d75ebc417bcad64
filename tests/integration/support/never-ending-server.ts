import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * A server that accepts every WebSocket handshake, and never ends a TCP connection: it neither replies to a close nor hangs up.
 * `closeCode`: its close frame follows the handshake. Source: RFC 6455, sections 1.3 and 5.5.1.
 */
export const startNeverEndingServer = async (closeCode?: number) => {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (tcp) => {
    let head: string | null = '';
    sockets.add(tcp);
    tcp.on('error', () => {}).on('close', () => sockets.delete(tcp));
    tcp.on('data', (data) => {
      if (head === null) return;
      head += data.toString('latin1');
      const key = /sec-websocket-key: (.*)\r\n/i.exec(head)?.[1];
      if (key === undefined || !head.includes('\r\n\r\n')) return;
      heads.push(head);
      head = null;
      const accept = createHash('sha1')
        .update(key + GUID)
        .digest('base64');
      tcp.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      if (closeCode !== undefined) {
        setTimeout(() => tcp.write(Buffer.from([0x88, 2, closeCode >> 8, closeCode & 255])), 100);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get dialCount() {
      return heads.length;
    },
    close(): void {
      for (const tcp of sockets) tcp.destroy();
      server.close();
    },
  };
};
