import type { Duplex } from 'node:stream';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { servePage } from './page-server.ts';

/** Serves lifecycle-page, any other page to go to, and a gateway that counts its sockets. */
export const startLifecycleServer = async (webDir: string) => {
  const { server, url, port } = await servePage(webDir);
  const sockets: Duplex[] = [];
  const live = new Set<Duplex>();
  let most = 0;
  server.on('upgrade', (_request, socket: Duplex) => {
    sockets.push(socket);
    live.add(socket);
    most = Math.max(most, live.size);
    socket.once('close', () => live.delete(socket));
  });
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    handle: () => {},
    heartbeatMs: 500,
  });
  return {
    url,
    port,
    /** How many sockets were dialled. */
    get dialCount() {
      return sockets.length;
    },
    get liveCount() {
      return live.size;
    },
    /** The most that were alive at once. */
    get mostAtOnce() {
      return most;
    },
    async closes(): Promise<void> {
      await gateway.close();
      server.close();
    },
  };
};
