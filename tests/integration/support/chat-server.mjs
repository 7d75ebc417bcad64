/**
 * A plain chat server on `ws`, to be killed and frozen: what one client says, all hear. `{type:'PING'}` is answered with a
 * HEARTBEAT, `{type:'COUNT'}` with the number of sockets. SIGTERM closes all with 1001.
 *
 * node chat-server.mjs PORT
 */
import { WebSocketServer } from 'ws';

const wss = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });
wss.on('connection', (socket) => {
  socket.on('error', () => {}); // its close follows
  socket.on('message', (data) => {
    const text = String(data);
    const { type } = JSON.parse(text);
    if (type === 'PING') socket.send('{"type":"HEARTBEAT"}');
    else if (type === 'COUNT') socket.send(JSON.stringify({ type, count: wss.clients.size }));
    else for (const client of wss.clients) client.send(text);
  });
});
process.on('SIGTERM', () => {
  for (const client of wss.clients) client.close(1001, 'restart');
  wss.close(() => process.exit(0));
});
