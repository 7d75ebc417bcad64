/**
 * The sender, in a process of its own so that its CPU is not counted. Answers `{type:'GO', count, paced}` with `count` chat messages:
 * 32 in a frame, as the gateway sends a burst, or `paced`, one a read. They are framed beforehand and written straight to the TCP socket.
 */
import { WebSocketServer } from 'ws';
import { chatMessage, frameOf, writeFrames } from '../framed-sender.mjs';

const FRAME_COUNT = 32;

let sequence = 0;
/** What a server of this mode adds to its next message; `last`: the message before it. */
const namesOf = (mode, last) => {
  if (mode === 'plain') return {};
  const id = `${sequence}-a7f0c2d1`;
  return mode === 'extension' ? { id, prev: last } : { id };
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
      const messages = Array.from({ length: Math.min(frameCount, count - sent) }, () => {
        sequence += 1;
        const message = chatMessage(sequence, namesOf(mode, last));
        // Each connection has a log of its own.
        last = message.id ?? last;
        return message;
      });
      frames.push(frameOf(JSON.stringify(paced ? messages[0] : messages)));
    }
    writeFrames(socket, frames, paced);
  });
});
process.on('disconnect', () => process.exit());
