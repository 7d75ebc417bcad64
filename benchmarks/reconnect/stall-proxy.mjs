/** A TCP proxy whose links can be made half-open: nothing passes any more, in either direction, and nobody is told. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Answers once it listens. Links made after `stall()` pass again, as those to another server would. */
export const startStallProxy = async (targetPort) => {
  const links = new Set();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    const link = { near, far };
    links.add(link);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.pipe(to);
      // A link that fails is closed on both sides, as a cable with a live peer would have it.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        links.delete(link);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    stall() {
      for (const { near, far } of links) {
        for (const side of [near, far]) {
          side.unpipe();
          side.removeAllListeners();
          side.on('error', () => side.destroy());
          side.pause();
        }
      }
    },
    close() {
      server.close();
      for (const { near, far } of links) {
        near.destroy();
        far.destroy();
      }
    },
  };
};
