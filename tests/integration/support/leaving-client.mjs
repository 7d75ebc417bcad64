/** A Node process that connects, disposes of its connection as soon as it is open, and has nothing else to do. */
import { createConnection } from '../../../dist/index.js';

const [, , url, kind] = process.argv;
const platforms = {
  ws: async () => (await import('ws')).WebSocket,
  undici: async () => (await import('./terminable-web-socket.mjs')).terminableWebSocket(),
};
const connection = createConnection({ url, WebSocket: await platforms[kind]() });
connection.onError(({ code }) => console.log(code));
connection.subscribe(() => {
  if (connection.status !== 'open') return;
  console.log('open');
  connection.dispose();
});
connection.connect({ userId: 'ada' });
