import type { IncomingMessage } from 'node:http';
import { originList } from 'statesocket/gateway';

/**
 * Whether a page of this origin may open a socket: pages of the host that the request went to, and those of the given
 * list. Whoever sends no Origin is no browser and is let in: the token decides.
 *
 * @param others Exact origins, such as `https://redngift.example`.
 * @throws {StatesocketError} `bad-option` for one that no browser sends.
 */
export const createOriginCheck = (others: readonly string[]) => {
  const isListed = originList(others);
  return (origin: string | undefined, request: IncomingMessage): boolean => {
    if (origin === undefined || isListed(origin)) return true;
    const { host } = request.headers;
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  };
};
