/**
 * As much of a Phoenix server as its client needs to connect, join a channel and have its heartbeats answered. Source:
 * Phoenix's channel protocol, serializer 2.0.0: `[join_ref, ref, topic, event, payload]`.
 */
import { WebSocketServer } from 'ws';

const ANSWERED = ['heartbeat', 'phx_join', 'phx_leave'];

export const listen = (port) => {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('error', (error) => console.error(`phoenix server: ${error.message}`));
    socket.on('message', (data) => {
      const [joinRef, ref, topic, event] = JSON.parse(String(data));
      if (!ANSWERED.includes(event)) return;
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]));
    });
  });
  return server;
};
