import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server that can be cut, led elsewhere, or fall silent. */
export const openProxy = async (port: number) => {
  const state = { port, isDeaf: false, cutsReplies: false };
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(state.port, '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => {}); // `close` tells
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on('data', (data) => {
      if (!state.isDeaf) outer.write(data);
    });
    outer.on('data', (data) => {
      if (state.cutsReplies) return inner.destroy();
      if (!state.isDeaf) inner.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    /** Leads to another server from now on. */
    leadTo(other: number) {
      state.port = other;
      cut();
    },
    /** Nothing comes through any more, and nothing is closed. */
    setDeaf(isDeaf: boolean) {
      state.isDeaf = isDeaf;
    },
    /** What is asked still arrives; its reply cuts the connection. */
    setCutsReplies(cutsReplies: boolean) {
      state.cutsReplies = cutsReplies;
    },
  };
};
