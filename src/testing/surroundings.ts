import type { Connection } from '../client/connection.ts';
import type { FakeServer } from './fake-server.ts';

/** The network between a connection and its fake server. */
export interface FakeNetwork {
  /** Nothing arrives any more, and nothing tells of it. */
  stalls(): void;
  /** It carries again, and what was sent meanwhile arrives. */
  recovers(): void;
  /**
   * The platform says that it is offline. As in a browser, an open socket stalls without a close, and a new one is
   * refused.
   */
  goesOffline(): void;
  /** The platform is online again. */
  comesBack(): void;
  /** The open socket is cut: it closes with 1006, not clean. */
  cuts(): void;
}

/** Makes the network of a connection whose sockets come from `server`. The platform's own signals are left alone. */
export const createFakeNetwork = (
  connection: Pick<Connection, 'actor'>,
  server: FakeServer,
): FakeNetwork => ({
  stalls: server.stalls,
  recovers: server.recovers,
  goesOffline() {
    server.stalls();
    server.isDown();
    connection.actor.send({ type: 'network.lost' });
  },
  comesBack() {
    server.isBack();
    server.recovers();
    connection.actor.send({ type: 'network.restored' });
  },
  cuts: () => server.closes(1006),
});

/** The page around a connection. */
export interface FakePage {
  /** Somebody looks at the page again, or the machine woke up. */
  isShown(): void;
  /** The page is frozen, or goes to the back/forward cache. */
  freezes(): void;
  /** The page is back from there. */
  resumes(): void;
}

/** Makes the page of a connection: what it does is told to the chart as model events, without a DOM. */
export const createFakePage = (connection: Pick<Connection, 'actor'>): FakePage => ({
  isShown: () => connection.actor.send({ type: 'page.shown' }),
  freezes: () => connection.actor.send({ type: 'page.suspended' }),
  resumes: () => connection.actor.send({ type: 'page.resumed' }),
});
