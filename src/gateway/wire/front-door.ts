import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { StatesocketError } from '../../protocol/errors.ts';
import type { GatewaySettings } from '../gateway-options.ts';
import type { DialRefusal } from '../observation/gateway-facts.ts';
import type { Observation } from '../observation/observation.ts';
import { createSparingReport } from '../sparing-report.ts';
import { createArrivals } from './arrivals.ts';
import { addressReader } from './client-address.ts';
import { tokenOfPath } from './connect-path.ts';
import { createCrowd } from './crowd.ts';
import { handshakeFault, isWebSocketUpgrade } from './handshake.ts';
import { declineUpgrades, handBack } from './plain-request.ts';
import { createRefusals, guardSocket, type Refusal } from './raw-socket.ts';

const CLOSING: Refusal = { status: 503, headers: ['Retry-After: 5'] };
const FULL: Refusal = { status: 503, headers: ['Retry-After: 10'] };
const TOO_MANY: Refusal = { status: 429, headers: ['Retry-After: 30'] };

/** An upgrade that was let in so far: a WebSocket handshake of our path, within the limits. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Null where the path has none that could ever be right. */
  readonly token: string | null;
}

/** Who stands before the gateway without an account: raw sockets, their number, and what is told to them. */
export interface FrontDoor {
  /** How many handshakes wait for their verdict. */
  readonly pendingCount: number;
  /** Refuses all who wait and all who come from now on. */
  shut(): void;
  /** Resolves when nobody who was refused is there any more, within a second of the last refusal. */
  settled(): Promise<void>;
  /** Destroys who is left and lets go of the server. */
  leave(): void;
}

export interface FrontDoorOptions {
  readonly settings: GatewaySettings;
  /** Must not throw. */
  readonly report: (error: StatesocketError) => void;
  readonly observation: Observation | null;
  /** Judges an arrival. Resolves with what completes its handshake, and does not reject. */
  readonly judge: (arrival: Arrival) => Promise<() => void>;
}

/** A response of an earlier request is still on its way: what is written now would be taken for a part of it. */
const isAnswering = (socket: Duplex): boolean => {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return response !== null && response !== undefined;
};

/** A TCP peer that reset the connection has no address any more; one on a Unix socket never had one, and no local one. */
const isGone = ({ socket }: IncomingMessage): boolean =>
  socket.destroyed || (socket.remoteAddress === undefined && socket.localAddress !== undefined);

export const createFrontDoor = ({ settings, report, observation, judge }: FrontDoorOptions): FrontDoor => {
  const { server, clock } = settings;
  const addressOf = addressReader(settings.trustProxy);
  const refusals = createRefusals(clock);
  const sparingly = createSparingReport(clock);
  const sockets = createCrowd({ total: settings.maxSockets, perAddress: settings.maxSocketsPerAddress });
  const handshakes = createCrowd({
    total: settings.maxPendingHandshakes,
    perAddress: settings.maxPendingHandshakesPerAddress,
  });
  const arrivals = createArrivals();
  /** Upgrades that wait for their verdict. */
  const waiting = new Set<Duplex>();
  /** What all who come are told; null: they are asked about. */
  let toAll: Refusal | null = null;

  const refuse = (socket: Duplex, reason: DialRefusal, refusal: Refusal) => {
    observation?.record('dial.refused', 1, reason);
    refusals.refuse(socket, refusal);
  };
  const refuseFull = (socket: Duplex, option: DialRefusal & keyof GatewaySettings, refusal: Refusal) => {
    sparingly(option, (leftOut) => {
      const proxies =
        refusal === TOO_MANY ? ' Behind a proxy all clients have its address: set trustProxy.' : '';
      report(
        new StatesocketError(
          'upgrade-refused',
          `A connection was refused with ${refusal.status}, since ${option} is ${settings[option]}.${proxies}${leftOut}`,
        ),
      );
    });
    refuse(socket, option, refusal);
  };

  /** Whether there is a place for one more socket; if not, it is refused. */
  const hasPlace = (socket: Duplex, address: string): boolean => {
    const crowded = sockets.full(address);
    if (crowded === 'perAddress') refuseFull(socket, 'maxSocketsPerAddress', TOO_MANY);
    else if (crowded === 'total') refuseFull(socket, 'maxSockets', FULL);
    return crowded === null;
  };
  /** Whether one more may wait for its verdict; if not, it is refused. */
  const mayBeAsked = (socket: Duplex, address: string): boolean => {
    const rushed = handshakes.full(address);
    if (rushed === 'perAddress') refuseFull(socket, 'maxPendingHandshakesPerAddress', TOO_MANY);
    else if (rushed === 'total') refuseFull(socket, 'maxPendingHandshakes', FULL);
    return rushed === null;
  };

  const askAbout = async (arrival: Arrival, address: string) => {
    const { socket } = arrival;
    // Refused by shut(), or gone, before its turn.
    if (!waiting.has(socket) || socket.destroyed || !mayBeAsked(socket, address)) {
      waiting.delete(socket);
      return;
    }
    // Counted until the verdict, not until the peer goes: one that comes and goes would ask without a limit.
    handshakes.enter(address);
    const complete = await judge(arrival);
    handshakes.leave(address);
    // Whoever is not there any more was refused by shut().
    if (waiting.delete(socket)) complete();
  };
  // Apart from `receive`: a listener of the socket's life would keep the request for as long.
  const count = (socket: Duplex, address: string) => {
    sockets.enter(address);
    socket.once('close', () => sockets.leave(address));
  };
  const receive = (arrival: Arrival, address: string) => {
    count(arrival.socket, address);
    waiting.add(arrival.socket);
    arrivals.add(() => void askAbout(arrival, address));
  };

  const isOurs = (request: IncomingMessage) =>
    isWebSocketUpgrade(request) && tokenOfPath(request.url ?? '') !== undefined;
  /** A client with a wrong path sees 1006 and nothing else. The path is not quoted: it may have a token in it. */
  const hintAtPath = (request: IncomingMessage) => {
    if (!isWebSocketUpgrade(request)) return;
    sparingly('path', (leftOut) => {
      const what =
        'A WebSocket handshake came to another path than /connect/{token}/. No other listener takes it. ' +
        `If the client is yours, look at its url, and at the paths that a proxy changes.${leftOut}`;
      report(new StatesocketError('upgrade-refused', what));
    });
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    guardSocket(socket);
    if (isGone(request)) {
      socket.destroy();
      return;
    }
    const token = tokenOfPath(request.url ?? '');
    if (token === undefined || !isOurs(request)) {
      // Other listeners have had it too, or will.
      if (server.listenerCount('upgrade') > 1) return;
      hintAtPath(request);
      if (isAnswering(socket)) socket.destroy();
      else if (server.listenerCount('request') > 0) handBack(server, request, socket, head);
      else refusals.refuse(socket, { status: 404 });
      return;
    }
    if (isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const fault = toAll ?? handshakeFault(request);
    if (fault !== null) {
      refuse(socket, fault === CLOSING ? 'closing' : 'bad-handshake', fault);
      return;
    }
    const address = addressOf(request);
    if (hasPlace(socket, address)) receive({ request, socket, head, token }, address);
  };
  server.on('upgrade', onUpgrade);
  const acceptUpgrades = declineUpgrades(server, (request) => {
    const isWanted =
      isOurs(request) || server.listenerCount('upgrade') > 1 || server.listenerCount('request') === 0;
    if (!isWanted) hintAtPath(request);
    return isWanted;
  });

  return {
    get pendingCount() {
      return waiting.size;
    },
    shut() {
      toAll = CLOSING;
      for (const socket of waiting) refuse(socket, 'closing', CLOSING);
      waiting.clear();
    },
    settled: refusals.settled,
    leave() {
      refusals.destroy();
      server.off('upgrade', onUpgrade);
      acceptUpgrades();
    },
  };
};
