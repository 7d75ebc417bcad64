import type { Clock, TimerHandle } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session/session.ts';

/** How long a socket has to reply to a ping before another one may have its place. */
const PROBE_MS = 2_000;
/** How much of that must have been read of its socket: a user's sockets are not read from while too much comes. */
const READ_MS = 1_000;
/** How long nobody is asked again when all have replied, so that a client that dials on and on does not keep them busy. */
const ALL_ALIVE_MS = 10_000;
/** How many may wait for a place at once. */
const MAX_ON_TRIAL_COUNT = 4;

/** `onTrial`: served, until it is known whether one of the others is dead. */
type Place = 'free' | 'onTrial' | 'none';

/**
 * The places of each user's sockets. When all are taken, the one that has been silent for longest gives way to a newcomer, and
 * one that replies never does (docs/decisions/gateway.md).
 */
export interface Places {
  /** Whether there is a place for one more. A socket that left a ping unanswered may be closed for it. */
  find(userId: string): Place;
  /** Asks the others of this user for a sign of life, and closes one that gives none, or this one, with 4429. */
  tryOut(newcomer: Session): void;
  /** Leaves no timer. Decides nothing any more. */
  stop(): void;
}

interface Trial {
  readonly newcomers: Session[];
  /** Those who have not replied yet. */
  readonly asked: Set<Session>;
  timer: TimerHandle;
}

export const createPlaces = (options: {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly maxPerUser: number;
}): Places => {
  const { roster, clock, maxPerUser } = options;
  const trials = new Map<string, Trial>();
  /** Users whose sockets have all replied just now. */
  const alive = new Map<string, TimerHandle>();

  const tooMany = (session: Session) => session.close(CloseCode.TooMany, 'too many sockets');

  /** The socket that was silent for longest, at least since then; undefined: none was. */
  const mostSilent = (userId: string, since: number, but: readonly Session[] = []): Session | undefined => {
    let found: Session | undefined;
    for (const session of roster.of(userId)) {
      const { silentSince } = session;
      if (silentSince === null || silentSince > since || but.includes(session)) continue;
      if (found === undefined || silentSince < (found.silentSince ?? 0)) found = session;
    }
    return found;
  };

  const decide = (userId: string, { newcomers, timer }: Trial) => {
    clock.clearTimeout(timer);
    trials.delete(userId);
    const since = clock.now() - READ_MS;
    const isOverfull = () => roster.countOf(userId) > maxPerUser;
    for (let silent = mostSilent(userId, since, newcomers); isOverfull() && silent !== undefined; ) {
      tooMany(silent);
      silent = mostSilent(userId, since, newcomers);
    }
    let refusedCount = 0;
    // The last to come is the first to be refused.
    for (const newcomer of newcomers.toReversed()) {
      if (!isOverfull()) break;
      tooMany(newcomer);
      refusedCount += 1;
    }
    if (refusedCount > 0)
      alive.set(
        userId,
        clock.setTimeout(() => alive.delete(userId), ALL_ALIVE_MS),
      );
  };

  const begin = (newcomer: Session) => {
    const { userId } = newcomer;
    const others = roster.of(userId).filter((session) => session !== newcomer);
    const trial: Trial = {
      newcomers: [newcomer],
      asked: new Set(others),
      timer: clock.setTimeout(() => decide(userId, trial), PROBE_MS),
    };
    trials.set(userId, trial);
    for (const session of others)
      session.probe(() => {
        trial.asked.delete(session);
        if (trial.asked.size === 0 && trials.get(userId) === trial) decide(userId, trial);
      });
  };

  return {
    find(userId) {
      const trial = trials.get(userId);
      if (trial !== undefined) return trial.newcomers.length < MAX_ON_TRIAL_COUNT ? 'onTrial' : 'none';
      if (roster.countOf(userId) < maxPerUser) return 'free';
      const silent = mostSilent(userId, clock.now() - PROBE_MS);
      if (silent !== undefined) tooMany(silent);
      if (roster.countOf(userId) < maxPerUser) return 'free';
      return alive.has(userId) ? 'none' : 'onTrial';
    },
    tryOut(newcomer) {
      const trial = trials.get(newcomer.userId);
      if (trial === undefined) begin(newcomer);
      else trial.newcomers.push(newcomer);
    },
    stop() {
      for (const { timer } of trials.values()) clock.clearTimeout(timer);
      for (const timer of alive.values()) clock.clearTimeout(timer);
      trials.clear();
      alive.clear();
    },
  };
};
