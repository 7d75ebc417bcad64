/**
 * The sender, in a process of its own so that its CPU is not counted. Answers `{type:'GO', count, withId, paced}` with
 * `count` chat messages. They are framed beforehand and written straight to the TCP socket: `ws` would send more slowly
 * than a client reads.
 */
import { WebSocketServer } from 'ws';

/** RFC 6455 section 5.2: one unmasked text frame of 126 to 65,535 bytes. */
const frameOf = (text) => {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
};

let sequence = 0;
const chatMessage = (withId) => {
  sequence += 1;
  return JSON.stringify({
    type: 'NEW_MESSAGE',
    ...(withId ? { id: `1795500000-${sequence}` } : {}),
    payload: {
      conversationId: `c-${sequence % 7}`,
      text: `Present idea number ${sequence}: a warm hat?`,
      sentAt: 1_795_500_000_000,
    },
    sender: 'u-1042',
  });
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('listening', () => process.send({ port: server.address().port, bytes: chatMessage(true).length }));
server.on('connection', (client, { socket }) => {
  client.on('message', (data) => {
    const { type, count, withId, paced } = JSON.parse(String(data));
    if (type !== 'GO') return;
    const frames = Array.from({ length: count }, () => frameOf(chatMessage(withId)));
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
