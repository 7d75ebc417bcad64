import type { Clock } from '../../lib/clock.ts';
import type { StatesocketError } from '../../protocol/errors.ts';
import type { HandleCommand } from '../commands/command.ts';
import type { LiveChannels } from '../commands/effects.ts';
import type { Lane } from '../commands/fan-out.ts';
import type { Engine } from '../engine/engine.ts';
import type { FairScheduler } from '../fair-scheduler.ts';
import type { Observation } from '../observation/observation.ts';
import type { SessionTransport } from '../wire/session-transport.ts';
import type { BeatWheel } from './beat-wheel.ts';
import type { Session } from './session.ts';

/** The limits of one session; see `GatewayOptions`. */
export interface SessionLimits {
  readonly heartbeatMs: number;
  readonly maxPayloadBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxCommandsPerSecond: number;
  /** How much may be unacknowledged, each way. */
  readonly windowCount: number;
}

/** What all sessions of a hub share. */
export interface SessionHost {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** When each session has its heartbeat. */
  readonly beats: BeatWheel;
  readonly handle: HandleCommand;
  /** The sockets of one user share its turns. */
  readonly scheduler: FairScheduler;
  /** Where the durable messages of this user's commands wait. */
  readonly laneOf: (userId: string) => Lane;
  /** Reaches the sockets of all users, in the turns of this one, for what its handlers publish live. */
  readonly channelsOf: (userId: string) => LiveChannels;
  /** Hands out which of those that a user may watch are online, at that moment. False: it could not be found out. */
  readonly showOnline: (userId: string, receive: (online: readonly string[]) => void) => Promise<boolean>;
  /** Called once, when a session has ended for whatever reason. */
  readonly ended: (session: Session) => void;
  /** Must not throw. */
  readonly report: (error: StatesocketError) => void;
  /** Null: nobody observes, and nothing is measured. */
  readonly observation: Observation | null;
}

/** What is one socket's own. */
export interface SessionOptions {
  readonly userId: string;
  /** A number of its own among the sockets of this process. */
  readonly number: number;
  readonly transport: SessionTransport;
  /** The position of the log when the socket connected: where a plain client begins. */
  readonly position: string;
  /** Whom the token of this socket names now; null when it is refused. */
  readonly identify: () => Promise<string | null>;
}
