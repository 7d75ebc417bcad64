import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error.ts';

/** What the system says of a host that is no address of this computer. */
const NO_ADDRESS_OF_OURS = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']);

const whyNot = (
  { code, message }: NodeJS.ErrnoException,
  port: number,
  host: string | undefined,
  prefix: string,
): string => {
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another program. Stop it, or choose another port: ${prefix}PORT=${port + 1} npm start`;
  if (host !== undefined && code !== undefined && NO_ADDRESS_OF_OURS.has(code))
    return `${prefix}HOST must be an address of this computer, and not "${host}". All of them: ${prefix}HOST=0.0.0.0 npm start`;
  return `Port ${port} cannot be opened (${code ?? message}). Choose another one: ${prefix}PORT=${prefix === '' ? 3000 : 9464} npm start`;
};

/**
 * Listens on a port (0: any free one) and returns which. Rejects with a StartError when the port cannot be had.
 *
 * @param host The address to listen on, or a name of it. @default every address of this computer
 * @param prefix What the names of its two settings begin with. @default ''
 */
export const listen = (server: Server, port: number, host?: string, prefix = ''): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(whyNot(error, port, host, prefix), { cause: error }));
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
