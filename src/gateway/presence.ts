import type { Clock, TimerHandle } from '../lib/clock.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { NodeChannel, Placed } from './engine/doorbell.ts';
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

const NOBODY: ReadonlySet<string> = new Set();

/** Which users are online, at this gateway or at another one over the same engine. All sockets of a user are one presence. */
export interface Presence {
  /** Whether the user is online here. Also true within the grace after a user's last socket. */
  isOnline(userId: string): boolean;
  /** A user has a new socket. */
  joined(userId: string): void;
  /** A user has one socket less. */
  left(userId: string): void;
  /**
   * Hands out who is online of those that this user may watch, as it is at that moment. False, and nothing is handed out,
   * when the audience could not be asked, which is reported.
   */
  show(userId: string, receive: (online: readonly string[]) => void): Promise<boolean>;
  /** Another node has told that a user came online or went offline: tells those who watch it here what it is by now. */
  look(userId: string, watchers: readonly string[]): void;
  /** These users came online or went offline without a word of their node. */
  changed(userIds: readonly string[]): void;
  /** Ends every timer and tells nobody anything more. */
  stop(): void;
}

interface Member {
  online: boolean;
  /** What the nodes, and through them the watchers, were told last. */
  toldOnline: boolean;
  telling: boolean;
  grace: TimerHandle | null;
}

export const createPresence = (options: {
  readonly audience: PresenceAudience | undefined;
  readonly graceMs: number;
  readonly clock: Clock;
  /** How many sockets a user has here. */
  readonly countOf: (userId: string) => number;
  readonly nodes: Pick<NodeChannel, 'place' | 'online'>;
  /** Tells the other nodes to look. */
  readonly sayChanged: (userId: string, watchers: readonly string[]) => void;
  /** How many sockets a user has on all nodes, when there is a new one here. */
  readonly placed?: (userId: string, placed: Placed) => void;
  /** To sockets here. A promise: what is told next has to wait for it. */
  readonly tell: (userIds: readonly string[], text: string) => Promise<void> | undefined;
  readonly report: (error: StatesocketError) => void;
}): Presence => {
  const { audience, graceMs, clock, tell, nodes, countOf, report } = options;
  const members = new Map<string, Member>();
  /** Who is to be told of a user whose presence is being looked up, or will be. */
  const looks = new Map<string, Set<string>>();
  /** What was told of others while somebody is shown who is online. */
  const overlays = new Set<Map<string, boolean>>();
  let stopped = false;

  const failed = (cause: unknown) =>
    report(
      new StatesocketError('presence-failed', 'The audience of a presence could not be asked.', { cause }),
    );
  const nodesFailed = (cause: unknown) =>
    report(new StatesocketError('engine-failed', 'The presence of a user could not be kept.', { cause }));
  const isOnline = (userId: string) => members.get(userId)?.online ?? false;

  const watchersOf = async (userId: string): Promise<readonly string[]> => {
    try {
      return audienceOf(await audience?.watchers(userId));
    } catch (cause) {
      failed(cause);
      return [];
    }
  };
  /** Who of them is online anywhere. An engine that fails knows of nobody elsewhere. */
  const onlineOf = async (userIds: readonly string[]): Promise<ReadonlySet<string>> => {
    try {
      return new Set(await nodes.online(userIds));
    } catch (cause) {
      nodesFailed(cause);
      return NOBODY;
    }
  };

  /** Reads what a user is by now and tells it, one read at a time: an answer that comes late never overtakes a newer one. */
  const look = async (userId: string, watchers: readonly string[]) => {
    const waiting = looks.get(userId);
    if (waiting !== undefined) {
      for (const watcher of watchers) waiting.add(watcher);
      return;
    }
    let next = new Set(watchers);
    for (;;) {
      const asked = new Set<string>();
      looks.set(userId, asked);
      const online = isOnline(userId) || (await onlineOf([userId])).has(userId);
      if (stopped) break;
      for (const overlay of overlays) overlay.set(userId, online);
      const told = tell([...next], presenceChangeText(online, userId));
      if (told !== undefined) await told;
      if (asked.size === 0) break;
      next = asked;
    }
    looks.delete(userId);
  };
  const tellAll = async (userId: string, watchers: readonly string[]) => {
    if (watchers.length === 0) return;
    options.sayChanged(userId, watchers);
    await look(userId, watchers);
  };

  const place = async (userId: string, online: boolean): Promise<Placed> => {
    try {
      const placed = await nodes.place(userId, online ? Math.max(countOf(userId), 1) : 0);
      if (online && !stopped) options.placed?.(userId, placed);
      return placed;
    } catch (cause) {
      nodesFailed(cause);
      return online ? { before: 0, after: 1 } : { before: 1, after: 0 };
    }
  };
  /** Tells the watchers the latest state, one change at a time. */
  const announce = async (userId: string, member: Member) => {
    if (member.telling) return;
    member.telling = true;
    while (member.online !== member.toldOnline && !stopped) {
      const watchers = await watchersOf(userId);
      // It may have changed back while the audience was asked.
      if (member.online === member.toldOnline || stopped) break;
      const { online } = member;
      member.toldOnline = online;
      const { before, after } = await place(userId, online);
      // Who is online elsewhere was online before, and stays so.
      if (before === 0 || after === 0) await tellAll(userId, watchers);
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
      if (member.toldOnline) void place(userId, true);
      else void announce(userId, member);
    },
    left(userId) {
      const member = members.get(userId);
      if (member === undefined || stopped) return;
      if (countOf(userId) > 0) {
        if (member.toldOnline) void place(userId, true);
        return;
      }
      member.grace = clock.setTimeout(() => {
        member.grace = null;
        member.online = false;
        void announce(userId, member);
      }, graceMs);
    },
    async show(userId, receive) {
      let watched: readonly string[];
      try {
        watched = audienceOf(await audience?.watched(userId));
      } catch (cause) {
        failed(cause);
        return false;
      }
      const overlay = new Map<string, boolean>();
      overlays.add(overlay);
      const online = watched.length === 0 ? NOBODY : await onlineOf(watched);
      overlays.delete(overlay);
      const isShown = (other: string) => isOnline(other) || (overlay.get(other) ?? online.has(other));
      if (!stopped) receive(watched.filter(isShown));
      return true;
    },
    look(userId, watchers) {
      if (!stopped) void look(userId, watchers);
    },
    changed(userIds) {
      for (const userId of userIds)
        if (!stopped) void watchersOf(userId).then((watchers) => tellAll(userId, watchers));
    },
    stop() {
      stopped = true;
      for (const { grace } of members.values()) if (grace !== null) clock.clearTimeout(grace);
      members.clear();
    },
  };
};
