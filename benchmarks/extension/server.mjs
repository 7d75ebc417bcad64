/**
 * The sender, in a process of its own so that its CPU is not counted. Answers `{type:'GO', count, paced}` with `count` chat messages:
 * 32 in a frame, as the gateway sends a burst, or `paced`, one a read. They are framed beforehand and written straight to the TCP socket.
 */
import { WebSocketServer } from 'ws';

const FRAME_COUNT = 32;

/** RFC 6455 section 5.2: one unmasked text frame. */
const frameOf = (text) => {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
};

let sequence = 0;
const chatMessage = (mode) => {
  sequence += 1;
  return {
    type: 'NEW_MESSAGE',
    ...(mode === 'plain' ? {} : { id: `${sequence}-a7f0c2d1` }),
    ...(mode === 'extension' ? { prev: `${sequence - 1}-a7f0c2d1` } : {}),
    payload: {
      conversationId: `c-${sequence % 7}`,
      text: `Present idea number ${sequence}: a warm hat?`,
      sentAt: 1_795_500_000_000,
    },
    sender: 'u-1042',
  };
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('listening', () => process.send({ port: server.address().port }));
server.on('connection', (client, { socket, url }) => {
  const mode = decodeURIComponent(url.slice(2));
  let last = '0';
  // The first frame says what the server speaks.
  client.send(
    mode === 'extension'
      ? '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":14000,"window":32}'
      : '{"type":"HEARTBEAT"}',
  );
  client.on('message', (data) => {
    const { type, count, paced } = JSON.parse(String(data));
    if (type === 'RESUME') client.send(JSON.stringify({ type: 'RESUMED', ok: false, last }));
    if (type !== 'GO') return;
    const frames = [];
    const frameCount = paced ? 1 : FRAME_COUNT;
    for (let sent = 0; sent < count; sent += frameCount) {
      const messages = Array.from({ length: Math.min(frameCount, count - sent) }, () => chatMessage(mode));
      // Each connection has a log of its own.
      if (mode === 'extension') {
        for (const message of messages) {
          message.prev = last;
          last = message.id;
        }
      }
      frames.push(frameOf(JSON.stringify(paced ? messages[0] : messages)));
    }
    if (!paced) {
      socket.write(Buffer.concat(frames));
      return;
    }
    const writeNext = () => {
      const frame = frames.shift();
      if (frame === undefined) return;
      socket.write(frame);
      setImmediate(writeNext);
    };
    writeNext();
  });
});
process.on('disconnect', () => process.exit());
