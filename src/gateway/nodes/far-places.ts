import type { Clock, TimerHandle } from '../../lib/clock.ts';
import { CloseCode } from '../../protocol/close-codes.ts';
import type { Roster } from '../roster.ts';

/** How long a socket has to answer a ping before it gives way to one at another node, and until that is known there. */
const PROBE_MS = 2_000;
const SETTLE_MS = 1_000;

/**
 * The places of a user who has sockets at several nodes. More than there may be on all of them together: each node
 * asks its own for a sign of life, and closes those that give none; where that does not help, the node of the
 * newcomer closes it. As `Places`, a socket that answers never gives way.
 */
export interface FarPlaces {
  /** A user has so many sockets on all nodes, since there is a new one here. */
  placed(userId: string, count: number): void;
  /** Asks the sockets of a user here for a sign of life, and closes those that give none. */
  clear(userId: string): void;
  stop(): void;
}

export const createFarPlaces = (options: {
  readonly roster: Roster;
  readonly clock: Clock;
  readonly maxPerUser: number;
  /** How many sockets a user has on all nodes by now. */
  readonly countAll: (userId: string) => Promise<number>;
  /** Tells the other nodes to clear. */
  readonly sayCrowded: (userId: string) => void;
}): FarPlaces => {
  const { roster, clock, maxPerUser, countAll, sayCrowded } = options;
  const clearing = new Map<string, TimerHandle>();
  const judging = new Map<string, TimerHandle>();

  const clear = (userId: string) => {
    if (clearing.has(userId)) return;
    const silent = new Set(roster.of(userId));
    for (const session of [...silent]) session.probe(() => silent.delete(session));
    clearing.set(
      userId,
      clock.setTimeout(() => {
        clearing.delete(userId);
        // One that is not read from has its pong unread.
        for (const session of silent)
          if (session.silentSince !== null) session.close(CloseCode.TooMany, 'too many sockets');
      }, PROBE_MS),
    );
  };
  const judge = async (userId: string) => {
    judging.delete(userId);
    const count = await countAll(userId);
    for (const session of roster.of(userId).slice(-Math.max(count - maxPerUser, 0)))
      if (count > maxPerUser) session.close(CloseCode.TooMany, 'too many sockets');
  };

  return {
    placed(userId, count) {
      // Those that are here alone are judged here.
      if (count <= maxPerUser || count === roster.countOf(userId) || judging.has(userId)) return;
      judging.set(
        userId,
        clock.setTimeout(() => {
          void judge(userId).catch(() => {}); // the engine fails: one socket too many is no harm
        }, PROBE_MS + SETTLE_MS),
      );
      sayCrowded(userId);
      clear(userId);
    },
    clear,
    stop() {
      for (const timer of [...clearing.values(), ...judging.values()]) clock.clearTimeout(timer);
      clearing.clear();
      judging.clear();
    },
  };
};
