import type { IncomingMessage, RequestListener } from 'node:http';

const LOCAL = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether a request was made to this computer under one of its own names. A page of a stranger can have its own name point
 * here (DNS rebinding), and is then of the same origin as the server: its browser's Host header still says that name.
 */
export const isForLocalHost = ({ headers }: IncomingMessage): boolean => LOCAL.test(headers.host ?? '');

/** Refuses with 421 what was meant for another host, and says what to do where that is wanted. */
export const forLocalHostOnly =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    if (isForLocalHost(request)) return listener(request, response);
    response.writeHead(421, { 'content-type': 'text/plain', connection: 'close' });
    response.end(
      'This server has demo accounts, and is for this computer only. To let others in: HOST=127.0.0.1 npm start\n',
    );
  };
