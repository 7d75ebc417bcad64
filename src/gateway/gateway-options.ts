import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import type { HandleCommand } from './commands/command.ts';
import type { Engine } from './engine/engine.ts';
import type { GatewayObserver } from './observation/gateway-observer.ts';
import type { PresenceAudience } from './presence.ts';
import type { TrustProxy } from './wire/client-address.ts';
import type { AllowedOrigins } from './wire/origin-rule.ts';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What a gateway needs of an HTTP server. Servers of `node:http` and `node:https` have it. */
export interface UpgradeServer {
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  off(event: 'upgrade', listener: UpgradeListener): unknown;
  listenerCount(event: 'upgrade' | 'request'): number;
  /** With a socket whose request is no upgrade of ours, so that the server responds to it. */
  emit(event: 'connection' | 'secureConnection', socket: Duplex): unknown;
}

/** Why a token is looked at: a socket connects with it, or lives on it and is at a heartbeat. */
export type AuthenticationReason = 'connect' | 'check';

/** What `createGateway` takes. */
export interface GatewayOptions {
  /**
   * The HTTP server. The gateway takes WebSocket upgrades to `/connect/{token}/`. Others, and `Upgrade: h2c`, it leaves to
   * other listeners of `upgrade`; where there is none, the server gets them as the plain requests that they are too.
   *
   * Whoever sends half a request is the server's to end: set `headersTimeout` and `requestTimeout`, and
   * `connectionsCheckingInterval`, which is 30 s by default (docs/decisions/gateway.md).
   */
  readonly server: UpgradeServer;
  /** Where durable messages are kept. The gateway does not close it. */
  readonly engine: Engine;
  /**
   * Resolves with whose token this is, or null. Asked for each connection before it opens, and again at every heartbeat, so
   * that a token that expired or was revoked closes its sockets (4401). A throw, a user id that is no text or an empty one,
   * or no verdict in time closes with 1013 and is reported as `authenticate-failed`, without the cause: it may name the token.
   *
   * `why` says which of the two it is, for tokens that connect once only: spend such a ticket at `connect`, and say at `check`
   * whether the session that it was given to is still valid.
   */
  readonly authenticate: (
    token: string,
    why: AuthenticationReason,
  ) => Promise<{ readonly userId: string } | null>;
  /**
   * The pages that may connect: exact origins (`https://example.org`, no path, no last slash), or a function, which may be
   * asynchronous. Another Origin is closed with 4403. A function that fails, or says neither true nor false, lets nobody in
   * (1013). A request without Origin does not come from a browser and is let through: its token decides.
   */
  readonly allowedOrigins: AllowedOrigins;
  /**
   * Carries out one command. It alone decides what a command does and who may see what comes of it. Commands of one
   * socket come strictly one after the other; those of two sockets of one user do not wait for each other, but
   * users take turns at the event loop, however many sockets each has. A throw, or a run of more than 30 s, is reported as
   * `command-failed` and closes the socket with 1013: a client of the delivery extension then sends the command again, until
   * its age ends it. What is refused for good is told by `context.reject`.
   */
  readonly handle: HandleCommand;
  /** Who may see whose presence. Omitted: nobody is told of anybody. */
  readonly presence?: PresenceAudience;
  /** The largest frame a client may send, in bytes; a larger one closes with 1009. @default 1 MiB */
  readonly maxPayloadBytes?: number;
  /**
   * How often each socket gets a HEARTBEAT and a ping and has its token checked, in ms; at most 30 s, so that a revoked
   * token never lives on for more than 60 s. A peer that left the last ping unanswered and sent nothing is dropped.
   * @default 14_000
   */
  readonly heartbeatMs?: number;
  /** How long a user stays online after the last socket is gone, in ms, so that a reload does not flicker. @default 3_000 */
  readonly presenceGraceMs?: number;
  /**
   * How many bytes may wait for one socket when another live frame is due. Beyond it a client of the delivery extension
   * goes without the frame, and a plain one is closed with 4408. Durable messages wait in the log instead. A socket that takes
   * nothing of what waits for some 60 s is closed with 4408 (docs/decisions/outlet.md). @default 8 MiB
   */
  readonly maxBufferedBytes?: number;
  /**
   * How many proxies stand before the server, or their addresses and networks (`10.0.0.0/8`, `loopback`, `private`). Then the
   * address of a client is the one that `X-Forwarded-For` has right of them, read from the right. Too large a number lets
   * clients choose their address. Behind a proxy it must be set: all clients count as one address otherwise.
   * @default false: the header is not believed
   */
  readonly trustProxy?: TrustProxy;
  /**
   * How many connections may wait for `authenticate` at once. One more gets 503 before anybody is asked. A connection counts
   * until its verdict, for 8 s at most, also when its peer has gone. @default 1_000
   */
  readonly maxPendingHandshakes?: number;
  /** The same from one address, or from one /64 network of IPv6. One more gets 429. @default 100 */
  readonly maxPendingHandshakesPerAddress?: number;
  /** How many sockets there may be, with those that are being opened or closed. One more gets 503. @default 10_000 */
  readonly maxSockets?: number;
  /** The same from one address, or from one /64 network of IPv6. One more gets 429. @default 1_000 */
  readonly maxSocketsPerAddress?: number;
  /**
   * One more socket of the same user takes the place of one that replies to no ping for 2 s; where all reply, it is closed with
   * 4429. Up to four are served meanwhile. @default 16
   */
  readonly maxSocketsPerUser?: number;
  /**
   * The rate of commands per socket, with bursts of one second's worth. Of a client of the delivery extension more have to
   * wait, and more than 128 that wait close with 4429; of a plain one, one more closes with 4429, and each member of a
   * batch counts, but an ACK for a durable message does not. @default 50
   */
  readonly maxCommandsPerSecond?: number;
  /**
   * How many bytes one user may send in a second, over all sockets, with bursts of four seconds' worth or two of the largest
   * frames; each frame counts 256 bytes more. Beyond it the user's sockets are not read from until it is made good: what comes is
   * late, and nothing is lost. @default 1 MiB
   */
  readonly maxBytesPerSecond?: number;
  /**
   * How long the frames of one user may hold the loop in a second, in ms as measured, with bursts of four seconds' worth. Beyond it
   * they wait likewise. What a handler does after its first `await` does not count. @default 200
   */
  readonly maxLoopMsPerSecond?: number;
  /**
   * How many bytes of one user may lie here in messages that are not complete, and in those that wait for their turn. The socket
   * that brings more is closed with 4429. At least `maxPayloadBytes`. @default 16 MiB, or `maxPayloadBytes`
   */
  readonly maxInputBytesPerUser?: number;
  /**
   * How long a message may take from its first byte to its last, in ms, and a second more for each 4 KiB that came. One that takes
   * longer closes with 4408. @default 30_000
   */
  readonly messageDeadlineMs?: number;
  /** @default the platform's */
  readonly clock?: Clock;
  /**
   * Every error of the gateway, none of them fatal to it.
   * @default `createErrorLog()`: one line each on `console.error`, five of a code in 10 s, and how many were left out
   */
  readonly onError?: (error: StatesocketError) => void;
  /**
   * Who hears what the gateway does, as facts with names, and follows commands on their way: for metrics and traces. Without
   * any the gateway measures nothing. See `statesocket/gateway/metrics` and `statesocket/gateway/tracing`.
   * @default none
   */
  readonly observers?: readonly GatewayObserver[];
}

/** {@link GatewayOptions} with the defaults filled in; those of `presence` and `onError` are nobody and a log. */
export type GatewaySettings = Required<Omit<GatewayOptions, 'presence' | 'onError'>> &
  Pick<GatewayOptions, 'presence' | 'onError'>;
