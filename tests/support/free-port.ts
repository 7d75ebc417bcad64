import { type AddressInfo, createServer } from 'node:net';

const listenOnce = async (wanted: number): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

/** A port of the loopback that nobody listens on now. */
export const freePort = (): Promise<number> => listenOnce(0);

/**
 * As {@link freePort}, for a server that is down at times: below the ports that the system gives to whoever dials, one of
 * which may be taken when the server comes back.
 */
export const lastingPort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const wanted = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      return await listenOnce(wanted);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('No port from 10,000 to 30,000 is free.');
};
