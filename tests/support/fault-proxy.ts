import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createFaultyFlow, type FaultyFlow } from './faulty-flow.ts';

/** Which way bytes go: `up` from the client to the server, `down` back to it. */
export type Way = 'up' | 'down' | 'both';

/** What a network does to a link. `way` is `both` unless it is named. */
export interface Faults {
  /** Nothing comes through any more and neither side learns of it: a half-open link. `heal` lets what waited flow on. */
  stall(way?: Way): void;
  /** Everything is lost and neither side learns of it. `heal` resets a link that lost something: TCP delivers no holes. */
  drop(way?: Way): void;
  /** Bytes come through at this rate. */
  slow(bytesPerSecond: number, way?: Way): void;
  /** A reset of both sides once this many more bytes came through, as in the midst of a frame. */
  cutAfter(byteCount: number, way?: Way): void;
  /** A reset of both sides, now. */
  reset(): void;
}

/** One connection of a client through the proxy, with the one to the server that belongs to it. */
export interface Link extends Faults {
  /** Whether the client's side is still there. */
  readonly open: boolean;
  heal(): void;
}

/** A TCP proxy on the loopback that can do what networks do. Its own faults are for all links, those to come included. */
export interface FaultProxy extends Faults {
  readonly port: number;
  /** Every link there was, in order. */
  readonly links: readonly Link[];
  /** The port refuses new connections; the links there are go on. */
  refuse(): void;
  /** Ends every fault of the proxy and of its links, and takes connections again. */
  heal(): Promise<void>;
  /** Ends everything. No socket, no timer and no listening port is left when it resolves. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

const closed = (socket: Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));

/**
 * Node's own `resetAndDestroy` waits for what is still to be written and says goodbye with a FIN, as no broken network
 * does; this is its second half. fault-proxy.test.ts fails should a version of Node no longer know it.
 */
const resetNow = (socket: Socket): void => {
  Object.assign(socket, { resetAndClosing: true }).destroy();
};

const createLink = (client: Socket, targetPort: number) => {
  const server = connect({ host: HOST, port: targetPort, allowHalfOpen: true, noDelay: true });
  const reset = (): void => {
    for (const socket of [client, server]) if (!socket.destroyed) resetNow(socket);
  };
  const up = createFaultyFlow(client, server, reset);
  const down = createFaultyFlow(server, client, reset);
  const flows = (way: Way = 'both'): FaultyFlow[] =>
    [way === 'down' ? [] : [up], way === 'up' ? [] : [down]].flat();

  const link: Link = {
    get open() {
      return !client.destroyed;
    },
    stall: (way) => flows(way).forEach((flow) => void flow.stall()),
    drop: (way) => flows(way).forEach((flow) => void flow.drop()),
    slow: (bytesPerSecond, way) => flows(way).forEach((flow) => void flow.slow(bytesPerSecond)),
    cutAfter: (byteCount, way) => flows(way).forEach((flow) => void flow.cutAfter(byteCount)),
    reset,
    heal: () => flows().forEach((flow) => void flow.heal()),
  };
  const destroy = async (): Promise<void> => {
    for (const flow of flows()) flow.stop();
    client.destroy();
    server.destroy();
    await Promise.all([closed(client), closed(server)]);
  };
  return { link, destroy };
};

/**
 * Starts a proxy in front of a port of this machine, or of what a function names for each new link.
 *
 * @example
 * const proxy = await startFaultProxy(serverPort);
 * proxy.stall(); // half-open: neither side hears of the other any more
 * await proxy.heal();
 * await proxy.close();
 */
export const startFaultProxy = async (targetPort: number | (() => number)): Promise<FaultProxy> => {
  const links: Link[] = [];
  const endings: (() => Promise<void>)[] = [];
  let faults: ((link: Link) => void)[] = [];
  let listener: Server | null = null;
  let port = 0;

  const listen = async (): Promise<void> => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const { link, destroy } = createLink(
        client,
        typeof targetPort === 'number' ? targetPort : targetPort(),
      );
      links.push(link);
      endings.push(destroy);
      for (const fault of faults) fault(link);
    });
    listener = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
    port = (server.address() as AddressInfo).port;
  };
  const refuse = (): void => {
    listener?.close();
    listener = null;
  };
  const everywhere = (fault: (link: Link) => void): void => {
    faults.push(fault);
    links.forEach(fault);
  };

  await listen();
  return {
    get port() {
      return port;
    },
    links,
    stall: (way) => everywhere((link) => link.stall(way)),
    drop: (way) => everywhere((link) => link.drop(way)),
    slow: (bytesPerSecond, way) => everywhere((link) => link.slow(bytesPerSecond, way)),
    cutAfter: (byteCount, way) => everywhere((link) => link.cutAfter(byteCount, way)),
    reset: () => links.forEach((link) => void link.reset()),
    refuse,
    async heal() {
      faults = [];
      for (const link of links) link.heal();
      if (listener === null) await listen();
    },
    async close() {
      refuse();
      await Promise.all(endings.map((end) => end()));
    },
  };
};
