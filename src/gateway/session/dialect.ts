import type { Inbound } from '../wire/inbound.ts';
import type { Outlet } from './outlet.ts';
import type { SessionCommands } from './session-commands.ts';
import type { SessionHost, SessionOptions } from './session-host.ts';
import type { TokenBucket } from './token-bucket.ts';

/** PING, RESUME and ACKs of nothing that was sent, of a client of the extension: a sane one sends few. */
export const MAX_CONTROL_FRAMES_PER_SECOND = 50;

/** The session of one socket, as its dialect sees it. */
export interface DialectSession {
  readonly host: SessionHost;
  readonly options: SessionOptions;
  readonly outlet: Outlet;
  readonly isOver: boolean;
  /** What carries out its commands. Made when it is first needed, as are the buckets. */
  readonly commands: SessionCommands;
  /** Tells first what a crash has left partially fanned out, before any of its commands. */
  recover(): void;
  /** Looks for the same beside its commands: a page of this user's may have died elsewhere. One look at a time. */
  lookForPartialFanOuts(): void;
  /** The rate of its commands. */
  readonly commandBucket: TokenBucket;
  /** The rate of its other frames, of a client of the extension. */
  readonly controlBucket: TokenBucket;
  /** From now on the client speaks this. */
  speak(dialect: Dialect): void;
  close(code: number, reason: string): void;
  /** The log could not be read. */
  logFailed(cause: unknown): void;
}

/**
 * What the client of one socket speaks: how its frames are paid for, how the log reaches it, what a heartbeat is. There are three:
 * negotiating, plain and resumable. A session has one at a time, and leaves it for good.
 */
export interface Dialect {
  /** Whether commands wait for their turn. If not, they have paid on arrival. */
  readonly pacesCommands: boolean;
  /** How many bytes of commands may wait. */
  readonly maxWaitingBytes: number;
  /** The session speaks it from now on. */
  begin(): void;
  /** What the client speaks who sends this: another dialect, or this one. */
  after(inbound: Inbound): Dialect;
  /** Whether the client may send this now. ACKs that were owed are not counted. */
  pays(inbound: Inbound, freeAckCount: number): boolean;
  /** Takes what is no command. */
  receive(inbound: Inbound): void;
  /** There may be news in the log. */
  ring(): void;
  /** It is time for a HEARTBEAT. */
  beat(): void;
  /** A frame that is not kept was dropped: too much waits for this socket. */
  missed(): void;
  /** The session has ended or speaks another dialect. Leaves no timer. */
  end(): void;
}
