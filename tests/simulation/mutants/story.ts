import type { ConnectionOptions, WebSocketConstructor, WireMessage } from 'statesocket';
import { createScenario, type Scenario } from 'statesocket/testing';
import type { Implementation } from '../implementation.ts';

/** A short run of the whole connection that holds on the sources and fails on a mutant. */
export interface Story {
  readonly name: string;
  /** @throws {Violation} when a rule is broken. */
  readonly holds: (implementation: Implementation) => void | Promise<void>;
}

type Told = Scenario<WireMessage>;

/**
 * An implementation's connection, wired to our fakes: only what is tested is a mutant. `platform` may change the class of
 * the fake sockets.
 */
export const begin = (
  { createConnection, durableDelivery }: Implementation,
  options: Partial<ConnectionOptions<WireMessage>> = {},
  platform: (fake: WebSocketConstructor) => WebSocketConstructor = (fake) => fake,
): Told =>
  createScenario((wiring) =>
    createConnection({
      url: 'wss://server.test/',
      ...wiring,
      WebSocket: platform(wiring.WebSocket),
      ack: true,
      delivery: durableDelivery(),
      ...options,
    }),
  );

/** As {@link begin}, without the delivery extension. */
export const PLAIN: Partial<ConnectionOptions<WireMessage>> = { delivery: undefined } as object;

/** As {@link begin}, and ada's socket is open. */
export const beginOpen = (...given: Parameters<typeof begin>): Told => {
  const told = begin(...given);
  told.connection.connect({ userId: 'ada' });
  told.server.accepts();
  return told;
};

/** Lets what was promised happen. */
export const promisesSettle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
