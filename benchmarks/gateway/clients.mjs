/** WebSocket clients that cost next to nothing: a TCP socket, a handshake written by hand, and pongs. */
import { connect } from 'node:net';

const HEADERS =
  'Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const PING = 0x89;
/** A masked, empty pong. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** RFC 6455 section 5.3: a client's text frame, masked with zeros. */
const masked = (text) => {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
};
const RESUME = masked(JSON.stringify({ type: 'RESUME', after: null, clientId: 'c-1' }));

/** Calls `onFrame(opcode byte)` for each frame of a server, whose bytes come in any pieces. */
const frameCounter = (onFrame) => {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1] & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length - at < head) break;
      const length =
        short === 126
          ? bytes.readUInt16BE(at + 2)
          : short === 127
            ? Number(bytes.readBigUInt64BE(at + 2))
            : short;
      if (bytes.length - at < head + length) break;
      onFrame(bytes[at]);
      at += head + length;
    }
    rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  };
};

/** Dials as user `u-index`. Resolves when the handshake is done. */
export const dial = (port, index, { speaksExtension = false, onText = () => {} } = {}) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.write(`GET /connect/t-${index}/ HTTP/1.1\r\n${HEADERS}`);
    let head = Buffer.alloc(0);
    const takesHead = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', takesHead);
      if (!head.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        reject(new Error(`refused: ${head.subarray(0, 40)}`));
        return;
      }
      const take = frameCounter((opcode) => {
        if (opcode === PING) socket.write(PONG);
        else onText();
      });
      socket.on('data', take);
      take(head.subarray(end + 4));
      if (speaksExtension) socket.write(RESUME);
      resolve({ hangUp: () => socket.destroy() });
    };
    socket.on('data', takesHead);
  });
