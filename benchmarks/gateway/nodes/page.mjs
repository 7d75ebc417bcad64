/** A page that costs little: a TCP socket that speaks WebSocket and the delivery extension by hand. */
import { connect } from 'node:net';

const HEADERS =
  'Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const TEXT = 0x81;
const PING = 0x89;
/** A masked, empty pong. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** RFC 6455 section 5.3: a client's text frame of less than 64 KiB, masked with zeros. */
const frameOf = (message) => {
  const payload = Buffer.from(JSON.stringify(message));
  const size =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([TEXT, ...size, 0, 0, 0, 0]), payload]);
};

/** Takes bytes in any pieces, and calls `onFrame(opcode byte, payload)` for each frame of a server. */
const createReader = (onFrame) => {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1] & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length - at < head) break;
      const long = () => (short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)));
      const length = short < 126 ? short : long();
      if (bytes.length - at < head + length) break;
      onFrame(bytes[at], bytes.subarray(at + head, at + head + length));
      at += head + length;
    }
    rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  };
};

/**
 * Dials as user `u-index`, and acknowledges what is durable. Resolves when the handshake is done, and rejects when there is none.
 *
 * @param {object} options
 * @param {boolean} options.speaksExtension
 * @param {(message: { type: string, messageId?: string }) => void} [options.onMessage]
 * @param {() => void} [options.onLost] The socket is gone, and nobody here has closed it.
 */
export const openPage = (port, index, { speaksExtension, onMessage = () => {}, onLost = () => {} }) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const clientId = `page-${index}`;
    let n = 0;
    let isOpen = false;
    socket.setNoDelay(true);
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => {
      if (isOpen) onLost();
      else reject(new Error('There was no handshake.'));
      isOpen = false;
    });
    const take = createReader((opcode, payload) => {
      if (opcode === PING) socket.write(PONG);
      if (opcode !== TEXT) return;
      const read = JSON.parse(payload.toString());
      let last = null;
      for (const message of Array.isArray(read) ? read : [read]) {
        if (message.prev !== undefined) last = message.id;
        onMessage(message);
      }
      if (last !== null) socket.write(frameOf({ type: 'ACK', messageId: last }));
    });
    const page = {
      say(message) {
        socket.write(frameOf(message));
      },
      /** A durable command. Returns its number. */
      command(message) {
        n += 1;
        page.say({ ...message, clientId, n, key: `key ${n}` });
        return n;
      },
      hangUp() {
        isOpen = false;
        socket.destroy();
      },
    };
    let head = Buffer.alloc(0);
    const takeHead = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', takeHead);
      if (!head.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) return socket.destroy();
      isOpen = true;
      socket.on('data', take);
      if (speaksExtension) page.say({ type: 'RESUME', after: null, clientId });
      take(head.subarray(end + 4));
      resolve(page);
    };
    socket.on('data', takeHead);
    socket.write(`GET /connect/t-${index}/ HTTP/1.1\r\n${HEADERS}`);
  });
