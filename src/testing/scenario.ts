import type { ConnectionEvent } from '../../machines/index.ts';
import type { WebSocketConstructor } from '../actors/web-socket-like.ts';
import type { Connection } from '../client/connection.ts';
import type { ConnectionOptions } from '../client/connection-options.ts';
import { createConnection } from '../client/create-connection.ts';
import type { Clock } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { WireMessage } from '../protocol/message.ts';
import { flightRecorder } from '../recording/flight-recorder.ts';
import { createFakeServer, type FakeServer } from './fake-server.ts';
import { createFakeNetwork, createFakePage, type FakeNetwork, type FakePage } from './surroundings.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** The options of `createConnection` that a scenario brings: a fake WebSocket, virtual time, no chance. */
export interface ScenarioWiring {
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** Always 0.5: equal jitter waits three quarters of the exact delay, full jitter half of it. */
  readonly random: () => number;
}

/** The options of `createConnection`, but what the scenario brings; `url` may be left out. */
export type ScenarioOptions<M extends { type: string }> = Partial<
  Omit<ConnectionOptions<M>, 'WebSocket' | 'clock'>
>;

/** One connection, and all that can happen to it. */
export interface Scenario<M extends { type: string }> {
  readonly connection: Connection<M>;
  readonly server: FakeServer;
  readonly clock: VirtualClock;
  readonly network: FakeNetwork;
  readonly page: FakePage;
  /** What the connection has reported, oldest first. */
  readonly errors: readonly StatesocketError[];
  /**
   * Makes an event of the chart happen, as truly as it can: a wish by the connection's method, an open or a close by the
   * fake server, and all else as a model event on `connection.actor`. Fits `connectionPaths()`.
   */
  fires(event: ConnectionEvent): void;
}

/**
 * Wires a connection to a fake server, a virtual clock, a network and a page. Nothing is dialled before `connect()`. The
 * connection has a flight recorder, unless `recorder` says otherwise.
 *
 * Takes the options of `createConnection`; or, for an app that makes its own connection, a function that makes it from
 * what it is given. Needs no test runner, and replaces no global.
 *
 * @example
 * const { connection, server, clock } = createScenario({ backoff: linearBackoff() });
 * connection.connect({ userId: 'ada' });
 * server.accepts();
 * clock.passes(5_000);
 * server.closes(1012);
 * connection.status; // 'connecting': it was stable, and the close was clean
 * @example
 * const { server } = createScenario((wiring) => createAppConnection({ ...wiring, getToken: () => 'token' }));
 */
export const createScenario = <M extends { type: string } = WireMessage>(
  options: ScenarioOptions<M> | ((wiring: ScenarioWiring) => Connection<M>) = {},
): Scenario<M> => {
  const server = createFakeServer();
  const clock = createVirtualClock();
  const wiring = { WebSocket: server.WebSocket, clock, random: () => 0.5 };
  const connection =
    typeof options === 'function'
      ? options(wiring)
      : createConnection<M>({
          url: 'wss://server.test/',
          recorder: flightRecorder(),
          ...wiring,
          ...options,
          WebSocket: server.WebSocket,
          clock,
        });
  const errors: StatesocketError[] = [];
  connection.onError((error) => void errors.push(error));

  return {
    connection,
    server,
    clock,
    network: createFakeNetwork(connection, server),
    page: createFakePage(connection),
    errors,
    fires(event) {
      if (event.type === 'user.connect') connection.connect({ userId: event.userId });
      else if (event.type === 'user.disconnect') connection.disconnect();
      else if (event.type === 'user.logout') connection.logout();
      else if (event.type === 'user.dispose') connection.dispose();
      else if (event.type === 'user.retry') connection.retry();
      else if (event.type === 'socket.opened') server.accepts();
      else if (event.type !== 'socket.closed') connection.actor.send(event);
      else if (event.code === CloseCode.Abnormal && connection.status === 'connecting') server.refuses();
      else server.closes(event.code, event.reason);
    },
  };
};
