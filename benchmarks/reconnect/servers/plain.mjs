/** The server of statesocket, partysocket and reconnecting-websocket: says nothing by itself, and answers PING with HEARTBEAT. */
import { WebSocketServer } from 'ws';

export const listen = (port) => {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('error', (error) => console.error(`plain server: ${error.message}`));
    socket.on('message', (data) => {
      if (JSON.parse(String(data)).type === 'PING') socket.send('{"type":"HEARTBEAT"}');
    });
  });
  return server;
};
