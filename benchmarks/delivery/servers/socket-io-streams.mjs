/**
 * One of several nodes of Socket.IO with its Redis Streams adapter, which carries what is emitted from node to node and restores what a
 * client has missed, as its documents set it up.
 *
 * node socket-io-streams.mjs REDIS_URL PORT
 */
import { createRedisClient, createRedisStreamsAdapter } from '../../rivals/index.mjs';
import { serve } from './serve.mjs';

const [url, port] = process.argv.slice(2);
const client = createRedisClient({ url });
client.on('error', () => {}); // it connects again by itself
await client.connect();

serve(
  Number(port),
  (io, socket) => {
    socket.on('say', ({ uid, to, parts, mood }, _offset, done) => {
      if (mood === 'refused') return done({ rejected: 'not-allowed' });
      const users = [...new Set([...to, socket.data.user])];
      for (let part = 0; part < parts; part += 1) io.to(users).emit('said', { ref: uid, part });
      done({});
    });
  },
  { adapter: createRedisStreamsAdapter(client) },
);
