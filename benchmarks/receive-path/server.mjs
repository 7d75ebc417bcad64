/**
 * The sender, in a process of its own so that its CPU is not counted. Answers `{type:'GO', count, withId, paced}` with
 * `count` chat messages.
 */
import { WebSocketServer } from 'ws';
import { chatMessage, frameOf, writeFrames } from '../framed-sender.mjs';

let sequence = 0;
const nextMessage = (withId) => {
  sequence += 1;
  return JSON.stringify(chatMessage(sequence, withId ? { id: `1795500000-${sequence}` } : {}));
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('listening', () => process.send({ port: server.address().port, bytes: nextMessage(true).length }));
server.on('connection', (client, { socket }) => {
  client.on('message', (data) => {
    const { type, count, withId, paced } = JSON.parse(String(data));
    if (type !== 'GO') return;
    const frames = Array.from({ length: count }, () => frameOf(nextMessage(withId)));
    writeFrames(socket, frames, paced);
  });
});
process.on('disconnect', () => process.exit());
