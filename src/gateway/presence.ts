import type { Clock, TimerHandle } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { presenceChangeText } from './wire/outgoing-text.ts';

/** Who may know of whom. Asked at each change, since rights change. */
export interface PresenceAudience {
  /** The users that are told when this user comes online or goes offline. */
  watchers(userId: string): readonly string[] | Promise<readonly string[]>;
  /** The users whose presence this user is shown when it connects. */
  watched(userId: string): readonly string[] | Promise<readonly string[]>;
}

/** What the app says of an audience, each user once. Null, as from JavaScript, is nobody. */
const audienceOf = (verdict: unknown): readonly string[] => {
  if (verdict === undefined || verdict === null) return [];
  // A text is a list of characters, each of which may be somebody's id.
  if (Array.isArray(verdict) || verdict instanceof Set) return [...new Set<string>(verdict)];
  throw new TypeError('watchers and watched must resolve with an array of user ids.');
};

/** Which users are online. All sockets of a user are one presence. */
export interface Presence {
  /** Also true within the grace after a user's last socket. */
  isOnline(userId: string): boolean;
  /** A user has a new socket. */
  joined(userId: string): void;
  /**
   * Hands out who is online of those that this user may watch, as it is at that moment. False, and nothing is handed out,
   * when the audience could not be asked, which is reported.
   */
  show(userId: string, receive: (online: readonly string[]) => void): Promise<boolean>;
  /** A user's last socket is gone. */
  left(userId: string): void;
  /** Ends every timer and tells nobody anything more. */
  stop(): void;
}

interface Member {
  online: boolean;
  /** What the watchers were told last. */
  toldOnline: boolean;
  telling: boolean;
  grace: TimerHandle | null;
}

export const createPresence = (options: {
  readonly audience: PresenceAudience | undefined;
  readonly graceMs: number;
  readonly clock: Clock;
  /** A promise: what is told next has to wait for it. */
  readonly tell: (userIds: readonly string[], text: string) => Promise<void> | undefined;
  readonly report: (error: StatesocketError) => void;
}): Presence => {
  const { audience, graceMs, clock, tell } = options;
  const members = new Map<string, Member>();
  let stopped = false;

  const failed = (cause: unknown) =>
    options.report(
      new StatesocketError('presence-failed', 'The audience of a presence could not be asked.', { cause }),
    );
  const isOnline = (userId: string) => members.get(userId)?.online ?? false;

  /** Tells the watchers the latest state, one change at a time: an answer that comes late never overtakes a newer one. */
  const announce = async (userId: string, member: Member) => {
    if (member.telling) return;
    member.telling = true;
    while (member.online !== member.toldOnline && !stopped) {
      let watchers: readonly string[] = [];
      try {
        watchers = audienceOf(await audience?.watchers(userId));
      } catch (cause) {
        failed(cause);
      }
      // It may have changed back while the audience was asked.
      if (member.online === member.toldOnline || stopped) break;
      member.toldOnline = member.online;
      const told = tell(watchers, presenceChangeText(member.online, userId));
      if (told !== undefined) await told;
    }
    member.telling = false;
    if (!member.online && !member.toldOnline) members.delete(userId);
  };

  return {
    isOnline,
    joined(userId) {
      if (stopped) return;
      const member = members.get(userId) ?? { online: false, toldOnline: false, telling: false, grace: null };
      members.set(userId, member);
      if (member.grace !== null) clock.clearTimeout(member.grace);
      member.grace = null;
      member.online = true;
      void announce(userId, member);
    },
    async show(userId, receive) {
      let watched: readonly string[];
      try {
        watched = audienceOf(await audience?.watched(userId));
      } catch (cause) {
        failed(cause);
        return false;
      }
      if (!stopped) receive(watched.filter(isOnline));
      return true;
    },
    left(userId) {
      const member = members.get(userId);
      if (member === undefined || stopped) return;
      member.grace = clock.setTimeout(() => {
        member.grace = null;
        member.online = false;
        void announce(userId, member);
      }, graceMs);
    },
    stop() {
      stopped = true;
      for (const { grace } of members.values()) if (grace !== null) clock.clearTimeout(grace);
      members.clear();
    },
  };
};
