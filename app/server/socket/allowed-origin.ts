import type { IncomingMessage } from 'node:http';

/**
 * Whether a page of this origin may open a socket: pages of the host that the request went to, and those of the given
 * list. Whoever sends no Origin is no browser and is let in: the token decides.
 *
 * @param others Exact origins, such as `https://redngift.example`.
 */
export const createOriginCheck = (others: readonly string[]) => {
  const allowed = new Set(others);
  return (origin: string | undefined, request: IncomingMessage): boolean => {
    if (origin === undefined || allowed.has(origin)) return true;
    const { host } = request.headers;
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  };
};
