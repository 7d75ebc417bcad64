import type { Socket } from 'node:net';
import { createGateway, memoryEngine } from 'statesocket/gateway';
import { servePage } from './page-server.ts';

/** Serves outbox-page and a gateway, whose sockets can be refused and cut. What took effect is counted at the gateway. */
export const startOutboxServer = async (webDir: string) => {
  const effects: string[] = [];
  const done = new Set<string>();
  const sockets = new Set<Socket>();
  let isDown = false;
  let gate: Promise<void> | null = null;

  const { server, url } = await servePage(webDir);
  server.on('upgrade', (_request, socket: Socket) => {
    if (isDown) socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const gateway = createGateway({
    server,
    engine: memoryEngine(),
    authenticate: async () => ({ userId: 'ada' }),
    allowedOrigins: [url],
    async handle(command, { key, reject }) {
      await gate;
      if (command.kind !== 'message' || key === null) return;
      const text = String(command.message.text);
      if (text.startsWith('bad')) reject('bad-words');
      // What a handler writes is unique by its key: it may run twice.
      else if (!done.has(key)) effects.push(text);
      done.add(key);
    },
  });
  return {
    url,
    /** What took effect, in order. */
    effects,
    /** Sockets are refused from now on, and those that are open are cut. */
    goesDown(): void {
      isDown = true;
      for (const socket of sockets) socket.destroy();
    },
    comesBack(): void {
      isDown = false;
    },
    /** Commands are taken, and their receipts have to wait. Answers what lets them go. */
    hangs(): () => void {
      let release = (): void => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        gate = null;
        release();
      };
    },
    async closes(): Promise<void> {
      gate = null;
      await gateway.close();
      server.closeAllConnections();
      server.close();
    },
  };
};
