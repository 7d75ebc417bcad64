import { atMost } from '../lib/at-most.ts';
import type { Clock } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { createAppendGates } from './commands/append-gates.ts';
import type { HandleCommand, Publisher } from './commands/command.ts';
import { fanOut, type Lane } from './commands/fan-out.ts';
import { createLiveChannels } from './commands/live-channels.ts';
import { outboxMark } from './commands/marks.ts';
import type { Engine } from './engine/engine.ts';
import { gatherCalls } from './engine/gathering.ts';
import { APP, createFairScheduler, type Owner, PRESENCE } from './fair-scheduler.ts';
import { createFarPlaces } from './nodes/far-places.ts';
import { createNeighbours } from './nodes/neighbours.ts';
import type { NodeSignal } from './nodes/node-signals.ts';
import type { Observation } from './observation/observation.ts';
import { createPlaces } from './places.ts';
import { createPresence, type PresenceAudience } from './presence.ts';
import { createRoster } from './roster.ts';
import { createBeatWheel } from './session/beat-wheel.ts';
import type { Session } from './session/session.ts';
import type { SessionHost, SessionLimits } from './session/session-host.ts';
import { createSession } from './session/socket-session.ts';
import { closeInTurn, type DrainOptions, type StagedClose } from './staged-close.ts';
import { sendFarewell } from './wire/farewell.ts';
import { publishedText } from './wire/outgoing-text.ts';
import type { SessionTransport } from './wire/session-transport.ts';

/** How long a peer may take to reply to a close, and the gateway to close. */
export const CLOSE_GRACE_MS = 2_000;
/** How long running commands may take when the gateway closes. The rest is for peers to reply to the close. */
export const DRAIN_MS = 1_500;

/** The limits of a hub; see `GatewayOptions`. */
export interface HubLimits extends SessionLimits {
  readonly presenceGraceMs: number;
  readonly maxSocketsPerUser: number;
}

export interface HubOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Calls back in a later turn of the event loop: a simulation's own, or `setImmediate`. @default setImmediate */
  readonly nextTurn?: ((run: () => void) => void) | undefined;
  /** How long work may hold the loop, in ms. @default SLICE_MS of fair-scheduler.ts */
  readonly sliceMs?: number | undefined;
  readonly handle: HandleCommand;
  readonly presence?: PresenceAudience | undefined;
  readonly limits: HubLimits;
  /** Must not throw. */
  readonly report: (error: StatesocketError) => void;
  /** Who hears what it does. @default nobody */
  readonly observation?: Observation | null | undefined;
}

/** A socket whose token was accepted. */
export interface Admitted {
  readonly userId: string;
  /** The end of the user's log before the socket was open. */
  readonly position: string;
  /** Whom the token names now; null when it is refused. What it rejects with is not looked at. */
  readonly identify: () => Promise<string | null>;
}

/** All sessions of one process: a gateway without `ws` and HTTP, on any clock. */
export interface Hub extends Publisher {
  /**
   * Makes the session of a socket and starts it; whoever has the socket hands on what it receives. Null: the transport
   * was closed, since the user has too many sockets or the engine failed. One too many may also be closed soon after.
   */
  admit(admitted: Admitted, transport: SessionTransport): Session | null;
  /** Whether the user has a socket here, or had one within the presence grace. */
  isOnline(userId: string): boolean;
  /** Which of these users have a socket at any gateway over the same engine. */
  findOnline(userIds: readonly string[]): Promise<readonly string[]>;
  /** Closes every socket of a user, at every gateway over the same engine. */
  disconnectUser(userId: string, code: number, reason: string): void;
  readonly connectionCount: number;
  readonly userCount: number;
  /** A look at each socket. */
  readonly waitingCommandCount: number;
  /** Closes the sockets that are open now one after the other, each as `drain` does. No socket may be admitted meanwhile. */
  closeInTurn(drain: Required<DrainOptions>): StagedClose;
  /**
   * Lets each session finish and receipt the command that runs, within 1.5 s, and closes it with 1012. Tells nobody of
   * presence any more. No socket may be admitted afterwards.
   */
  drain(): Promise<void>;
}

export const createHub = (options: HubOptions): Hub => {
  const { clock, handle, limits, report, observation = null } = options;
  const roster = createRoster();
  const { nextTurn = (run) => void setImmediate(run) } = options;
  const engine = gatherCalls(options.engine, nextTurn);
  const scheduler = createFairScheduler({ clock, nextTurn, sliceMs: options.sliceMs });
  const turnsOf = (owner: Owner) => () => scheduler.turn(owner);
  const gates = createAppendGates(clock);
  const laneOf = (owner: Owner): Lane => ({ takeTurn: turnsOf(owner), gate: gates.of(owner) });
  const appLane = laneOf(APP);
  const appSockets = createLiveChannels(roster, appLane.takeTurn);
  const closeHere = (userId: string, code: number, reason: string) => {
    for (const session of roster.of(userId)) session.close(code, reason);
  };
  const hear = (userIds: readonly string[], signal: NodeSignal) => {
    if (signal.says === 'text') void appSockets.sendText(userIds, signal.text);
    else if (signal.says === 'binary')
      void appSockets.sendBinary(userIds, Buffer.from(signal.data, 'base64'));
    else if (signal.says === 'presence') presence.look(signal.of, userIds);
    else if (signal.says === 'crowded') for (const userId of userIds) farPlaces.clear(userId);
    else for (const userId of userIds) closeHere(userId, signal.code, signal.reason);
  };
  const neighbours = createNeighbours({
    engine,
    heard: hear,
    changed: (userIds) => presence.changed(userIds),
    report,
  });
  const appChannels = neighbours.toAll(appSockets);
  const farPlaces = createFarPlaces({
    roster,
    clock,
    maxPerUser: limits.maxSocketsPerUser,
    countAll: async (userId) => (await neighbours.place(userId, roster.countOf(userId))).after,
    sayCrowded: (userId) => neighbours.say([userId], { says: 'crowded' }),
  });
  const presence = createPresence({
    audience: options.presence,
    graceMs: limits.presenceGraceMs,
    clock,
    countOf: roster.countOf,
    nodes: neighbours,
    sayChanged: (of, watchers) => neighbours.say(watchers, { says: 'presence', of }),
    placed: (userId, { after }) => farPlaces.placed(userId, after),
    tell: createLiveChannels(roster, turnsOf(PRESENCE)).sendText,
    report,
  });
  const host: SessionHost = {
    engine,
    clock,
    scheduler,
    limits,
    handle,
    laneOf,
    channelsOf: (userId) => neighbours.toAll(createLiveChannels(roster, turnsOf(userId))),
    showOnline: presence.show,
    report,
    observation,
    beats: createBeatWheel(clock, limits.heartbeatMs),
    ended(session) {
      roster.remove(session);
      presence.left(session.userId);
    },
  };
  /** Lets each finish and receipt the command that runs, for some time, and closes it. */
  const drainAll = async (sessions: readonly (readonly [Session, minDelayMs: number])[]) => {
    const each = (end: 'drain' | 'close') =>
      sessions.map(([session, minDelayMs]) =>
        session[end](CloseCode.Restart, 'server restarts', minDelayMs === 0 ? undefined : minDelayMs),
      );
    await atMost(clock, DRAIN_MS, Promise.all(each('drain')));
    each('close');
  };
  const admitted = { count: 0 };
  const places = createPlaces({ roster, clock, maxPerUser: limits.maxSocketsPerUser });

  return {
    admit({ userId, position, identify }, transport) {
      const place = places.find(userId);
      if (place === 'none') {
        observation?.record('dial.refused', 1, 'maxSocketsPerUser');
        sendFarewell(transport, CloseCode.TooMany, 'too many sockets');
        return null;
      }
      admitted.count += 1;
      const session: Session = createSession(host, {
        userId,
        number: admitted.count,
        position,
        transport,
        identify,
      });
      roster.add(session);
      presence.joined(userId);
      try {
        session.start();
      } catch (cause) {
        // An engine of the app's own may throw on subscribe.
        report(new StatesocketError('engine-failed', 'A socket could not be set up.', { cause }));
        session.close(CloseCode.TryAgainLater, 'try again later');
        observation?.record('dial.refused', 1, 'unjudged');
        return null;
      }
      observation?.record('dial.accepted', 1, '');
      if (place === 'onTrial') places.tryOut(session);
      return session;
    },
    async publish(userIds, message, origin) {
      const publication = { userIds, text: publishedText(message) };
      await fanOut(engine, appLane, [publication], origin === undefined ? undefined : outboxMark(origin));
    },
    publishVolatile: (userIds, message) => void appChannels.sendText(userIds, publishedText(message)),
    publishBinary: (userIds, data) => void appChannels.sendBinary(userIds, data),
    isOnline: presence.isOnline,
    findOnline: neighbours.online,
    disconnectUser(userId, code, reason) {
      neighbours.say([userId], { says: 'close', code, reason });
      closeHere(userId, code, reason);
    },
    get connectionCount() {
      return roster.count;
    },
    get userCount() {
      return roster.userCount;
    },
    get waitingCommandCount() {
      return roster.all().reduce((sum, session) => sum + session.waitingCommandCount, 0);
    },
    closeInTurn: (drain) => closeInTurn({ clock, sessions: roster.all(), drain, close: drainAll }),
    async drain() {
      presence.stop();
      places.stop();
      farPlaces.stop();
      await drainAll(roster.all().map((session) => [session, 0]));
      gates.open();
      neighbours.leave();
    },
  };
};
