/**
 * Socket.IO as its documents set up connection state recovery, and nothing else: what was emitted waits in memory for a
 * client that was cut off. It notes each emission in a file first: that is the truth which the clients are compared with.
 *
 * node socket-io-recovery.mjs FILE PORT
 */
import { appendFileSync } from 'node:fs';
import { serve } from './serve.mjs';

const [file, port] = process.argv.slice(2);
let emittedCount = 0;

serve(Number(port), (io, socket) => {
  socket.on('say', ({ uid, to, parts, mood }, _offset, done) => {
    if (mood === 'refused') return done({ rejected: 'not-allowed' });
    const users = [...new Set([...to, socket.data.user])];
    emittedCount += 1;
    const row = { id: `${process.pid}-${emittedCount}`, ref: uid, parts, users, at: Date.now() };
    appendFileSync(`${file}.emitted`, `${JSON.stringify(row)}\n`);
    for (let part = 0; part < parts; part += 1) io.to(users).emit('said', { ref: uid, part });
    done({});
  });
});
