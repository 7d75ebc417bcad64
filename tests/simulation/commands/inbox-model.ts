import type { Frame, Member } from './command.ts';

/** What one frame must bring about: calls of listeners and ACKs in order, reports, heartbeats. */
export interface Taken {
  readonly log: readonly string[];
  readonly codes: readonly string[];
  readonly heartbeatCount: number;
  /** Whether it counts as the answer to a ping, which a heartbeat does, and the first frame that nobody can use. */
  readonly isAnswer: boolean;
}

export interface TakenFrom {
  readonly userId: string;
  /** Numbers the frame; its members are numbered within it. */
  readonly serial: number;
  /** How long the log was when the socket was abandoned: nothing follows. */
  readonly cutAt: number;
  /** Whether the platform would put an ACK on the wire. */
  readonly isWritable: boolean;
  /** Whether a ping is out that was not answered. */
  readonly awaitsAnswer: boolean;
  readonly hearsB: boolean;
}

/** Written from the protocol: who hears what, what is acknowledged, what is a repeat. */
export const createInboxModel = ({
  acks,
  hearsAll,
}: {
  readonly acks: boolean;
  readonly hearsAll: boolean;
}) => {
  const seen = new Set<number | string>();
  let seenBy: string | null = null;

  const listenersOf = ({ is }: Member, hearsB: boolean): readonly string[] => {
    const typed = is === 'A' ? ['A first', 'A second'] : is === 'B' && hearsB ? ['B'] : [];
    return hearsAll ? [...typed, 'all'] : typed;
  };

  const NOTHING: Taken = { log: [], codes: [], heartbeatCount: 0, isAnswer: false };

  return {
    takes(frame: Frame, { userId, serial, cutAt, isWritable, awaitsAnswer, hearsB }: TakenFrom): Taken {
      if (frame.of === 'bytes') {
        const all = hearsAll ? ['binary', 'all'] : ['binary'];
        return { ...NOTHING, log: all.slice(0, cutAt).map((name) => `${name} hears binary`) };
      }
      if (!('members' in frame)) {
        const isAnswer = awaitsAnswer && frame.of !== 'blob';
        return { ...NOTHING, codes: isAnswer ? [] : ['malformed-frame'], isAnswer };
      }

      const log: string[] = [];
      const codes = new Set<string>();
      let heartbeatCount = 0;
      const acknowledge = (id: number | string): void => {
        if (isWritable && log.length < cutAt) log.push(`ack ${JSON.stringify(id)}`);
      };
      for (const [index, member] of frame.members.entries()) {
        if (log.length >= cutAt) break;
        const { is } = member;
        if (seenBy !== userId && ['A', 'B', 'unheard'].includes(is)) {
          seenBy = userId;
          seen.clear();
        }
        const id = acks ? member.id : undefined;
        if (is === 'HEARTBEAT') heartbeatCount += 1;
        else if (is === 'nested' || is === 'untyped' || is === 'binary') codes.add('malformed-frame');
        else if (id !== undefined && seen.has(id)) acknowledge(id);
        else {
          const listeners = listenersOf(member, hearsB);
          if (listeners.length === 0) codes.add('unknown-type');
          for (const name of listeners) {
            if (log.length >= cutAt) break;
            log.push(`${name} hears ${serial}.${index}`);
          }
          if (id !== undefined && listeners.length > 0) {
            seen.add(id);
            acknowledge(id);
          }
        }
      }
      const asksForAck = acks && frame.members[0]?.id !== undefined && !codes.has('malformed-frame');
      const isUseless = frame.of === 'one' && codes.size > 0 && !asksForAck;
      const isAnswer = awaitsAnswer && (isUseless || heartbeatCount > 0);
      return { log, codes: isAnswer && isUseless ? [] : [...codes], heartbeatCount, isAnswer };
    },
  };
};
