import type { Session } from './session/session.ts';

/** The sessions of this process, by user. */
export interface Roster {
  readonly count: number;
  readonly userCount: number;
  add(session: Session): void;
  remove(session: Session): void;
  /** The sessions of one user at this moment. */
  of(userId: string): readonly Session[];
  /** Those of all these users, each once. */
  ofAll(userIds: Iterable<string>): Session[];
  countOf(userId: string): number;
  all(): readonly Session[];
}

export const createRoster = (): Roster => {
  /** Most users have one socket, and a Set for it would be larger than all else that the roster keeps. */
  const byUser = new Map<string, Session | Set<Session>>();
  let count = 0;
  const listOf = (sessions: Session | Set<Session> | undefined): readonly Session[] => {
    if (sessions === undefined) return [];
    return sessions instanceof Set ? [...sessions] : [sessions];
  };
  return {
    get count() {
      return count;
    },
    get userCount() {
      return byUser.size;
    },
    add(session) {
      const { userId } = session;
      const sessions = byUser.get(userId);
      if (sessions === undefined) byUser.set(userId, session);
      else if (sessions instanceof Set) sessions.add(session);
      else byUser.set(userId, new Set([sessions, session]));
      count += 1;
    },
    remove(session) {
      const { userId } = session;
      const sessions = byUser.get(userId);
      const wasThere = sessions instanceof Set ? sessions.delete(session) : sessions === session;
      if (!wasThere) return;
      count -= 1;
      if (!(sessions instanceof Set) || sessions.size === 0) byUser.delete(userId);
    },
    of: (userId) => listOf(byUser.get(userId)),
    ofAll(userIds) {
      const all: Session[] = [];
      for (const userId of new Set(userIds)) {
        const sessions = byUser.get(userId);
        if (sessions === undefined) continue;
        if (sessions instanceof Set) for (const session of sessions) all.push(session);
        else all.push(sessions);
      }
      return all;
    },
    countOf(userId) {
      const sessions = byUser.get(userId);
      if (sessions === undefined) return 0;
      return sessions instanceof Set ? sessions.size : 1;
    },
    all: () => [...byUser.values()].flatMap(listOf),
  };
};
