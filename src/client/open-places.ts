import type { Transport } from '../actors/socket.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** How many sockets of a page are open at one place, and whether that was told. */
interface Place {
  count: number;
  hasTold: boolean;
}

/** By user, address and subprotocols, without the token. Only those with an open socket are kept. */
const places = new Map<string, Place>();

const TOLD =
  'Another connection of this page is open for the same user and URL, so each message comes twice.';

/**
 * Watches whether a connection of this page opens where another is open already. That is reported, once until all of them have
 * ended (`duplicate-connection`). Other tabs have a page of their own, and a Node process may well have many: neither counts.
 */
export const watchPlaces = (report: (error: StatesocketError) => void) => {
  let entered: { readonly transport: Transport; readonly name: string; readonly place: Place } | null = null;
  return {
    opened(transport: Transport): void {
      if (typeof window === 'undefined' || transport.gone) return;
      const name = `${transport.userId} ${transport.place}`;
      const place = places.get(name) ?? { count: 0, hasTold: false };
      places.set(name, place);
      place.count += 1;
      entered = { transport, name, place };
      if (place.count < 2 || place.hasTold) return;
      place.hasTold = true;
      report(mistake(['same-place'], 'duplicate-connection', TOLD));
    },
    ended(transport: Transport): void {
      if (entered?.transport !== transport) return;
      const { name, place } = entered;
      entered = null;
      place.count -= 1;
      if (place.count === 0) places.delete(name);
    },
  };
};
