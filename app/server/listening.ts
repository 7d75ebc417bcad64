import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error.ts';

/** Listens on a port (0: any free one) and answers which. Rejects with a StartError when the port cannot be had. */
export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`
          : `Port ${port} cannot be opened (${error.code ?? error.message}). Choose another one: PORT=3000 npm start`;
      reject(new StartError(why, { cause: error }));
    });
    server.listen(port, () => resolve((server.address() as AddressInfo).port));
  });
