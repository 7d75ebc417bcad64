/**
 * As much of a Centrifugo server as its client needs to connect, subscribe and be pinged. Source: centrifuge's client
 * protocol, JSON format: commands and replies are objects, one a line; an empty object is a ping or its answer.
 */
import { WebSocketServer } from 'ws';

/** Centrifugo's default `client.ping_interval`. */
const PING_SECONDS = 25;

export const listen = (port) => {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  let count = 0;
  server.on('connection', (socket) => {
    count += 1;
    const client = `client-${count}`;
    const say = (reply) => socket.send(JSON.stringify(reply));
    let pings;
    socket.on('error', (error) => console.error(`centrifuge server: ${error.message}`));
    socket.on('close', () => clearInterval(pings));
    socket.on('message', (data) => {
      for (const line of String(data).split('\n').filter(Boolean)) {
        const { id, connect, subscribe } = JSON.parse(line);
        if (connect !== undefined) {
          say({ id, connect: { client, version: 'benchmark', ping: PING_SECONDS, pong: true } });
          pings = setInterval(say, PING_SECONDS * 1_000, {});
        } else if (subscribe !== undefined) {
          say({ id, subscribe: {} });
        }
      }
    });
  });
  return server;
};
