import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, platformClock } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/limits.ts';
import type { HandleCommand } from './command.ts';
import type { Engine } from './engine.ts';
import type { PresenceAudience } from './presence.ts';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What a gateway needs of an HTTP server. Servers of `node:http` and `node:https` have it. */
export interface UpgradeServer {
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  off(event: 'upgrade', listener: UpgradeListener): unknown;
  listenerCount(event: 'upgrade'): number;
}

/** What `createGateway` takes. */
export interface GatewayOptions {
  /**
   * The HTTP server. The gateway takes upgrades to `/connect/{token}/`. Others it leaves to other listeners of
   * `upgrade`; where there is none, their sockets are destroyed.
   */
  readonly server: UpgradeServer;
  /** Where durable messages are kept. The gateway does not close it. */
  readonly engine: Engine;
  /**
   * Answers whose token this is, or null. Asked for each connection before it opens, and again at every heartbeat, so
   * that a token that expired or was revoked closes its sockets (4401). A throw, or no answer in time, closes with 1013
   * and is reported as `authenticate-failed`, without the cause: it may name the token.
   */
  readonly authenticate: (token: string) => Promise<{ readonly userId: string } | null>;
  /**
   * The pages that may connect: exact origins (`https://example.org`, no path), or a function. Another Origin is closed
   * with 4403. A request without Origin does not come from a browser and is let through: its token decides.
   */
  readonly allowedOrigins: readonly string[] | ((origin: string, request: IncomingMessage) => boolean);
  /**
   * Carries out one command. It alone decides what a command does and who may see what comes of it. Commands of one
   * socket come strictly one after the other; those of two sockets of one user do not wait for each other. A throw, or
   * a run of more than 30 s, is reported as `command-failed` and closes the socket with 1013: a client of the delivery
   * extension then sends the command again. What is refused for good is told by `context.reject`.
   */
  readonly handle: HandleCommand;
  /** Who may see whose presence. Omitted: nobody is told of anybody. */
  readonly presence?: PresenceAudience;
  /** The largest frame a client may send, in bytes; a larger one closes with 1009. @default 1 MiB */
  readonly maxPayloadBytes?: number;
  /**
   * How often each socket gets a HEARTBEAT and a ping and has its token checked, in ms; at most 30 s, so that a revoked
   * token never lives on for more than 60 s. A peer that did not answer the last ping is dropped. @default 14_000
   */
  readonly heartbeatMs?: number;
  /** How long a user stays online after the last socket is gone, in ms, so that a reload does not flicker. @default 3_000 */
  readonly presenceGraceMs?: number;
  /**
   * How many bytes may wait for one socket when another live frame is due. Beyond it a client of the delivery extension
   * goes without the frame, and a plain one is closed with 4408. Durable messages wait in the log instead. @default 8 MiB
   */
  readonly maxBufferedBytes?: number;
  /** One more socket of the same user is closed with 4429. @default 16 */
  readonly maxSocketsPerUser?: number;
  /**
   * The rate of commands per socket, with bursts of one second's worth. Of a client of the delivery extension more have to
   * wait, and more than 128 that wait close with 4429; of a plain one, one more closes with 4429, and each member of a
   * batch counts, but an ACK for a durable message does not. @default 50
   */
  readonly maxCommandsPerSecond?: number;
  /** @default the platform's */
  readonly clock?: Clock;
  /** Every error of the gateway, none of them fatal to it. @default prints code and message with `console.error` */
  readonly onError?: (error: StatesocketError) => void;
}

/** {@link GatewayOptions} with every default filled in; `presence` may stay away. */
export type GatewaySettings = Required<Omit<GatewayOptions, 'presence'>> & Pick<GatewayOptions, 'presence'>;

const MAX_HEARTBEAT_MS = 30_000;

const printError = (error: StatesocketError) =>
  console.error(`statesocket gateway: ${error.code}: ${error.message}`);

/**
 * Fills in the defaults.
 *
 * @throws {StatesocketError} `bad-option` for a number out of its range.
 */
export const settleOptions = (options: GatewayOptions): GatewaySettings => {
  const settings: GatewaySettings = {
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    heartbeatMs: 14_000,
    presenceGraceMs: 3_000,
    maxBufferedBytes: 8 * 1024 * 1024,
    maxSocketsPerUser: 16,
    maxCommandsPerSecond: 50,
    clock: platformClock,
    onError: printError,
    ...options,
  };
  const inRange = (name: keyof GatewaySettings, least: number, most: number) => {
    const value = settings[name];
    if (typeof value === 'number' && value >= least && value <= most) return;
    throw new StatesocketError('bad-option', `${name} must be a number from ${least} to ${most}.`);
  };
  inRange('maxPayloadBytes', 1, 2 ** 31 - 1);
  inRange('heartbeatMs', 1, MAX_HEARTBEAT_MS);
  inRange('presenceGraceMs', 0, 2 ** 31 - 1);
  inRange('maxBufferedBytes', 1, Number.MAX_SAFE_INTEGER);
  inRange('maxSocketsPerUser', 1, Number.MAX_SAFE_INTEGER);
  inRange('maxCommandsPerSecond', 1, Number.MAX_SAFE_INTEGER);
  return settings;
};
