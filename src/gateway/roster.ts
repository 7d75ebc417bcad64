import type { Session } from './session/session.ts';

/** The sessions of this process, by user. */
export interface Roster {
  readonly count: number;
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
  const byUser = new Map<string, Set<Session>>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(session) {
      const sessions = byUser.get(session.userId) ?? new Set();
      byUser.set(session.userId, sessions.add(session));
      count += 1;
    },
    remove(session) {
      const sessions = byUser.get(session.userId);
      if (!sessions?.delete(session)) return;
      count -= 1;
      if (sessions.size === 0) byUser.delete(session.userId);
    },
    of: (userId) => [...(byUser.get(userId) ?? [])],
    ofAll(userIds) {
      const all: Session[] = [];
      for (const userId of new Set(userIds)) {
        const sessions = byUser.get(userId);
        if (sessions !== undefined) for (const session of sessions) all.push(session);
      }
      return all;
    },
    countOf: (userId) => byUser.get(userId)?.size ?? 0,
    all: () => [...byUser.values()].flatMap((sessions) => [...sessions]),
  };
};
