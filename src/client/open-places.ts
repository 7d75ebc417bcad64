import type { Transport } from '../actors/transport.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** The sockets of a page that are open at one place, and whether that was told. */
interface Place {
  readonly transports: Set<Transport>;
  hasTold: boolean;
}

/** By user, address and subprotocols, without the token. Only those with an open socket are kept. */
const places = new Map<string, Place>();

const nameOf = ({ userId, place }: Transport): string => `${userId} ${place}`;

const TOLD =
  'Another connection of this page is open for the same user and URL, so each message comes twice.';

/**
 * A socket has opened. Where another one of this page is open at the same place, that is reported, once until all of them have
 * ended (`duplicate-connection`). Other tabs have a page of their own, and a Node process may well have many: neither counts.
 */
export const enterPlace = (transport: Transport, report: (error: StatesocketError) => void): void => {
  if (typeof window === 'undefined' || transport.gone) return;
  const place = places.get(nameOf(transport)) ?? { transports: new Set(), hasTold: false };
  places.set(nameOf(transport), place);
  place.transports.add(transport);
  if (place.transports.size < 2 || place.hasTold) return;
  place.hasTold = true;
  report(mistake(['same-place'], 'duplicate-connection', TOLD));
};

/** A socket has ended, whether it had opened or not. */
export const leavePlace = (transport: Transport): void => {
  const place = places.get(nameOf(transport));
  if (place?.transports.delete(transport) && place.transports.size === 0) places.delete(nameOf(transport));
};
