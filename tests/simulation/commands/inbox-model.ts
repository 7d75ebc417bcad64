import type { Frame, Member } from './command.ts';
import type { Attempt } from './connection-model.ts';
import type { Extras } from './listeners.ts';

/** What one frame must bring about: calls of listeners and ACKs in order, reports, heartbeats. */
export interface Taken {
  readonly log: readonly string[];
  readonly codes: readonly string[];
  readonly heartbeatCount: number;
  /** Whether it counts as the answer to a ping, which a heartbeat does, and the first frame that nobody can use. */
  readonly isAnswer: boolean;
}

export interface TakenFrom {
  readonly attempt: Attempt;
  readonly now: number;
  /** Numbers the frame; its members are numbered within it. */
  readonly serial: number;
  /** How long the log was when the socket was abandoned: nothing follows. */
  readonly cutAt: number;
  /** Whether the platform would put an ACK on the wire. */
  readonly isWritable: boolean;
  /** Whether the platform throws when an ACK is sent. */
  readonly sendThrows: boolean;
  /** Whether a ping is out that was not answered. */
  readonly awaitsAnswer: boolean;
  /** The listeners that come and go, also within the frame. */
  readonly extras: Extras;
  /** How long the log was when a listener returned a promise. */
  readonly promisedAt: readonly number[];
}

/** A message whose listener has returned a promise. */
interface Unsettled {
  attempt: Attempt;
  readonly dueAt: number;
}

const LISTENER_LIMIT_MS = 30_000;

const isUsable = (id: Member['id']): id is number | string =>
  typeof id === 'string' ? id !== '' : Number.isSafeInteger(id);

/** Written from the protocol: who hears what, what is acknowledged, what is a repeat, what is told of once. */
export const createInboxModel = ({
  acks,
  hearsAll,
}: {
  readonly acks: boolean;
  readonly hearsAll: boolean;
}) => {
  /** What came for one user says nothing about another. */
  const memoryOf = (userId: string | null) => ({
    userId,
    seen: new Set<number | string>(),
    /** The ids that wait for promises. */
    unsettled: new Map<number | string, Unsettled>(),
  });
  let memory = memoryOf(null);
  /** What each attempt, by its id, reads into. */
  const memories = new Map<number, typeof memory>();
  const toldUnknown = new Set<string>();
  const toldBadId = new Set<string>();
  /** For each promise in turn its message, if that has an id. */
  const promises: {
    id: number | string | undefined;
    message: Unsettled;
    unsettled: typeof memory.unsettled;
  }[] = [];

  const NOTHING: Taken = { log: [], codes: [], heartbeatCount: 0, isAnswer: false };

  const takesMembers = (members: readonly Member[], from: TakenFrom) => {
    const { attempt, now, serial, cutAt, isWritable, sendThrows, extras, promisedAt } = from;
    const { seen, unsettled } = memories.get(attempt.id) ?? memory;
    const log: string[] = [];
    const codes: string[] = [];
    const unknown = new Set<string>();
    const due: (number | string)[] = [];
    let heartbeatCount = 0;

    /** Those that are there when the message comes hear it, unless they have gone by their turn. */
    const calls = ({ is }: Member, index: number): boolean => {
      const generation = extras(log.length);
      const typed = is === 'A' ? ['A first', 'A extra'] : is === 'B' ? ['B extra'] : [];
      const names = [...typed, ...(hearsAll ? ['all'] : [])];
      const present = names.filter((name) => generation !== null || !name.endsWith('extra'));
      for (const name of present) {
        if (log.length >= cutAt) break;
        if (name.endsWith('extra') && extras(log.length) !== generation) continue;
        log.push(`${name} hears ${serial}.${index}`);
      }
      return present.length > 0;
    };

    for (const [index, member] of members.entries()) {
      if (log.length >= cutAt) break;
      const { is } = member;
      if (is === 'HEARTBEAT') heartbeatCount += 1;
      else if (is === 'nested' || is === 'untyped' || is === 'binary') codes.push('malformed-frame');
      else {
        const id = acks && isUsable(member.id) ? member.id : undefined;
        const isBad = acks && id === undefined && member.id !== undefined && member.id !== null;
        if (isBad && !toldBadId.has(is)) {
          toldBadId.add(is);
          codes.push('bad-message-id');
          log.push('told of a bad id');
          if (log.length >= cutAt) break;
        }
        if (id !== undefined && seen.has(id)) {
          const waits = unsettled.get(id);
          if (waits === undefined) due.push(id);
          else waits.attempt = attempt;
          continue;
        }
        const before = log.length;
        const isHeard = calls(member, index);
        const isPromised = promisedAt.some((at) => at > before && at <= log.length);
        const message = { attempt, dueAt: now + LISTENER_LIMIT_MS };
        if (isPromised) promises.push({ id, message, unsettled });
        if (!isHeard) unknown.add(is);
        else if (id !== undefined) {
          seen.add(id);
          if (isPromised) unsettled.set(id, message);
          else due.push(id);
        }
      }
    }
    // The ACKs of a frame leave together. A socket that refuses the first gets no other.
    for (const id of isWritable ? due : []) {
      if (log.length >= cutAt) break;
      log.push(`ack ${JSON.stringify(id)}`);
      if (sendThrows) break;
    }
    return { log, codes, unknown, heartbeatCount };
  };

  return {
    begins({ id, userId }: Pick<Attempt, 'id' | 'userId'>): void {
      if (memory.userId !== userId) {
        memory.unsettled.clear();
        memory = memoryOf(userId);
      }
      memories.set(id, memory);
    },
    /** What the app has made of messages is gone with the user, and so is what came. */
    forgets(): void {
      memory.unsettled.clear();
      memory = memoryOf(null);
    },
    /** When promises that are not settled are not waited for any more. */
    get timersDueAt(): readonly number[] {
      return [...memory.unsettled.values()].map(({ dueAt }) => dueAt);
    },
    /** The first promise settles. Answers the id that is acknowledged now, and on which attempt's socket. */
    fulfils(): { readonly id: number | string; readonly attempt: Attempt } | null {
      const { id, message, unsettled } = promises.shift() ?? {};
      // A listener may have brought another user.
      if (
        id === undefined ||
        message === undefined ||
        unsettled !== memory.unsettled ||
        unsettled.get(id) !== message
      )
        return null;
      unsettled.delete(id);
      return { id, attempt: message.attempt };
    },
    takes(frame: Frame, from: TakenFrom): Taken {
      const { cutAt, awaitsAnswer } = from;
      if (frame.of === 'bytes') {
        const all = hearsAll ? ['binary', 'all'] : ['binary'];
        return { ...NOTHING, log: all.slice(0, cutAt).map((name) => `${name} hears binary`) };
      }
      if (!('members' in frame)) {
        const isAnswer = awaitsAnswer && frame.of !== 'blob';
        return { ...NOTHING, codes: isAnswer ? [] : ['malformed-frame'], isAnswer };
      }
      const { log, codes, unknown, heartbeatCount } = takesMembers(frame.members, from);
      const malformed = codes.includes('malformed-frame');
      const asksForAck = acks && isUsable(frame.members[0]?.id) && !malformed;
      const isUseless = frame.of === 'one' && (malformed || unknown.size > 0) && !asksForAck;
      const isAnswer = awaitsAnswer && (isUseless || heartbeatCount > 0);
      const told = codes.filter((code) => code === 'bad-message-id');
      if (isAnswer && isUseless) return { log, codes: told, heartbeatCount, isAnswer };
      const news = [...unknown].filter((type) => !toldUnknown.has(type));
      for (const type of news) toldUnknown.add(type);
      return {
        log,
        codes: [...told, ...(malformed ? ['malformed-frame'] : []), ...news.map(() => 'unknown-type')],
        heartbeatCount,
        isAnswer,
      };
    },
  };
};
