/**
 * One server in a process of its own, so that it can be killed. `argv[2]` names a file in servers/. It loads first and
 * listens when it is told `{ port }`, so that a server comes back at the planned moment however slowly Node starts.
 */
import { monotonicMs } from './monotonic-ms.mjs';

const { listen } = await import(`./servers/${process.argv[2]}.mjs`);
process.on('message', ({ port }) => {
  const server = listen(port);
  server.on('error', ({ code }) => process.send({ failed: code }));
  server.on('listening', () => process.send({ listeningAt: monotonicMs() }));
});
process.on('disconnect', () => process.exit());
process.send({ loaded: true });
